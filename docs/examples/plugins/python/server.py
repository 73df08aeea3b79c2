"""A plugin in Python: says who may ask what, and where questions go.

    pip install -r requirements.txt
    python server.py 50051

and in the gateway's configuration:

    plugins:
      - { name: soft, url: "grpc://127.0.0.1:50051", timeoutMs: 200 }
"""

import json
import sys
from concurrent import futures
from pathlib import Path

import grpc

# The contract is published with the gateway; messages are made of it here, at the start.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "proto"))
pb, services = grpc.protos_and_services("headgate/plugin/v1/plugin.proto")


# Single characters: wherever a stream is cut, each is in one piece.
PLAIN = {"\u201c": '"', "\u201d": '"', "\u2019": "'", "\u2014": "-"}


class Soft(services.PluginServicer):
    def Describe(self, request, context):
        return pb.DescribeResponse(hooks=["onRequest", "onDelta", "onAnswer"])

    def OnRequest(self, request, context):
        if not request.HasField("body"):
            return pb.RequestDecision()
        body = json.loads(request.body)
        text = json.dumps(body.get("messages", ""))
        if "launch codes" in text:
            refusal = pb.Refusal(status=403, message="That is nobody's business.")
            return pb.RequestDecision(refuse=refusal)
        if "what time" in text:
            return pb.RequestDecision(answer=pb.OwnAnswer(text="Time for tea."))
        body.setdefault("temperature", 0)
        return pb.RequestDecision(
            body=json.dumps(body).encode(),
            metadata={"asked-by": request.call.key},
            headers={"x-soft": "seen"},
        )

    def OnDelta(self, request, context):
        if request.kind != "text" or not any(mark in request.text for mark in PLAIN):
            return pb.DeltaDecision()
        for mark, plain in PLAIN.items():
            request.text = request.text.replace(mark, plain)
        return pb.DeltaDecision(text=request.text)

    def OnAnswer(self, request, context):
        if request.streamed or not request.HasField("body"):
            return pb.AnswerDecision()
        body = json.loads(request.body)
        body["soft"] = {"asked_by": request.call.metadata["asked-by"]}
        return pb.AnswerDecision(body=json.dumps(body).encode())


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    services.add_PluginServicer_to_server(Soft(), server)
    port = server.add_insecure_port(f"127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 0}")
    server.start()
    print(f"listening on {port}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
