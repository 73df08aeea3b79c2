// Looks through all sections by words; loaded with the first letter that is typed.
const input = document.querySelector('input[type=search]');
const list = document.querySelector('#found');
let sections = null;

async function find() {
  const words = input.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return show([]);
  sections ??= await (await fetch('/docs/search.json')).json();
  const scored = [];
  for (const section of sections) {
    const [, page, title, text] = section.map((part) => part.toLowerCase());
    let score = 0;
    for (const word of words) {
      const here =
        (title.includes(word) ? 8 : 0) + (page.includes(word) ? 3 : 0) + (text.includes(word) ? 1 : 0);
      if (here === 0) {
        score = 0;
        break;
      }
      score += here;
    }
    if (score > 0) scored.push([score, section]);
  }
  scored.sort((a, b) => b[0] - a[0]);
  show(scored.slice(0, 20).map(([, section]) => section));
}

function show(found) {
  list.replaceChildren(
    ...found.map(([href, page, title]) => {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = href;
      link.textContent = title === '' ? page : title;
      const where = document.createElement('small');
      where.textContent = page;
      link.append(where);
      item.append(link);
      return item;
    }),
  );
  if (found.length === 0 && input.value !== '') {
    const item = document.createElement('li');
    item.textContent = 'Nothing was found.';
    list.append(item);
  }
  list.hidden = input.value === '';
}

input.addEventListener('input', find);
input.form.addEventListener('submit', (event) => {
  event.preventDefault();
  list.querySelector('a')?.click();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    input.value = '';
    show([]);
  }
  if (event.key === '/' && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
});
list.addEventListener('click', () => {
  list.hidden = true;
});
