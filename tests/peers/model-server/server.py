"""Model servers on grpcio: says prompts back. Prints `listening on PORT`, and a line for what a test looks for."""

import pathlib
import struct
import sys
import tempfile
import threading
from concurrent import futures

import grpc
from grpc_tools import protoc

here = pathlib.Path(__file__).parent
made = tempfile.mkdtemp()
well_known = str(pathlib.Path(protoc.__file__).parent / "_proto")
for name in ("inference.proto", "llm.proto"):
    code = protoc.main(
        ["", f"-I{here}", f"-I{well_known}", f"--python_out={made}", f"--grpc_python_out={made}", str(here / name)]
    )
    if code != 0:
        raise SystemExit(code)
sys.path.insert(0, made)

import inference_pb2 as inference  # noqa: E402
import inference_pb2_grpc  # noqa: E402
import llm_pb2 as llm  # noqa: E402
import llm_pb2_grpc  # noqa: E402


def tell(line):
    print(line, flush=True)


def prompt_of(request):
    for tensor in request.inputs:
        if tensor.name == "text_input":
            return tensor.contents.bytes_contents[0].decode()
    return None


class Inference(inference_pb2_grpc.GRPCInferenceServiceServicer):
    def ModelInfer(self, request, context):
        prompt = prompt_of(request)
        if prompt is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no tensor text_input")
        if "busy" in prompt:
            context.set_trailing_metadata((("grpc-retry-pushback-ms", "7000"),))
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many of you")
        tell(f"deadline {context.time_remaining():.0f}")
        for key, value in context.invocation_metadata():
            if key == "authorization":
                tell(f"authorization {value}")
        said = f"You said: {prompt}".encode()
        # Raw, as Triton answers.
        return inference.ModelInferResponse(
            model_name=request.model_name,
            outputs=[
                inference.ModelInferResponse.InferOutputTensor(name="text_output", datatype="BYTES", shape=[1])
            ],
            raw_output_contents=[struct.pack("<I", len(said)) + said],
        )

    def ModelStreamInfer(self, requests, context):
        context.add_callback(lambda: tell(f"over {context.code()}"))
        for request in requests:
            prompt = prompt_of(request)
            final = request.parameters["triton_enable_empty_final_response"].bool_param
            gone = threading.Event()
            if "hang" in prompt:
                # Before the first word: whoever leaves between two words ends this function there.
                context.add_callback(lambda: tell("left"))
                context.add_callback(gone.set)
            for word in ("You", " said: ", prompt):
                contents = inference.InferTensorContents(bytes_contents=[word.encode()])
                tensor = inference.ModelInferResponse.InferOutputTensor(
                    name="text_output", datatype="BYTES", shape=[1], contents=contents
                )
                yield inference.ModelStreamInferResponse(
                    infer_response=inference.ModelInferResponse(outputs=[tensor])
                )
            if "hang" in prompt:
                gone.wait()
                return
            if final:
                last = inference.ModelInferResponse()
                last.parameters["triton_final_response"].bool_param = True
                yield inference.ModelStreamInferResponse(infer_response=last)


class Llm(llm_pb2_grpc.LlmServicer):
    def Talk(self, request, context):
        words = request.text.split()
        for count, word in enumerate(words[: request.limit or len(words)], 1):
            yield llm.Said(choices=[llm.Said.Choice(text=f"{word} ")], tokens=count)
        cut = request.HasField("limit") and request.limit < len(words)
        yield llm.Said(reason=llm.REASON_MAX_TOKENS if cut else llm.REASON_STOP, tokens=count)

    def Judge(self, request, context):
        because = sorted(request.tags.values()) + [str(key) for key in request.extra]
        return llm.Judgement(label="bug" if "broke" in request.text else "praise", score=0.25, because=because)


server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(Inference(), server)
llm_pb2_grpc.add_LlmServicer_to_server(Llm(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
tell(f"listening on {port}")
server.wait_for_termination()
