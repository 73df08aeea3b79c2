// Pictures that go along with the prompt.
import { toast } from '../../parts/toast.tsx';

const MAX_BYTES = 4_000_000;

export function Pictures({
  images,
  set,
}: {
  images: readonly string[];
  set: (images: readonly string[]) => void;
}) {
  const add = (files: FileList | null): void => {
    const fitting = [...(files ?? [])].filter(({ size }) => size <= MAX_BYTES);
    if (fitting.length < (files?.length ?? 0)) toast('A picture may have 4 MB.', 'bad');
    Promise.all(fitting.map(dataOf)).then(
      (added) => set([...images, ...added]),
      () => toast('The picture could not be read.', 'bad'),
    );
  };
  return (
    <div class="field">
      <label for="playground-pictures">Pictures</label>
      <input
        id="playground-pictures"
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        multiple
        onChange={({ currentTarget }) => add(currentTarget.files)}
      />
      <div class="row">
        {images.map((one, index) => (
          <button
            key={one}
            type="button"
            class="picture"
            aria-label={`Take picture ${index + 1} away`}
            onClick={() => set(images.filter((_, place) => place !== index))}
          >
            <img src={one} alt="" />
          </button>
        ))}
      </div>
    </div>
  );
}

function dataOf(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
