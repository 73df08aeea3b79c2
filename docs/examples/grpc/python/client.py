"""Asks the gateway over gRPC: the whole answer, then the same piece by piece, then the question's vector.

    pip install -r requirements.txt
    HEADGATE_KEY=... python client.py 127.0.0.1:8082 openai/gpt-4o-mini "Why is the sky blue?" openai/text-embedding-3-small
"""

import os
import sys
from pathlib import Path

import grpc

# The contract is published with the gateway; messages are made of it here, at the start.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "proto"))
pb, services = grpc.protos_and_services("headgate/chat/v1/chat.proto")
vectors_pb, vectors_services = grpc.protos_and_services("headgate/embeddings/v1/embeddings.proto")


def main(address: str, model: str, question: str, embedder: str) -> int:
    metadata = (("authorization", f"Bearer {os.environ.get('HEADGATE_KEY', '')}"),)
    request = pb.ChatRequest(
        model=model,
        messages=[pb.Message(role=pb.ROLE_USER, text=question)],
        sampling=pb.Sampling(temperature=0),
    )
    request.extra.update({"logit_bias": {"50256": -100}})
    with grpc.insecure_channel(address) as channel:
        chat = services.ChatServiceStub(channel)
        try:
            answer = chat.Complete(request, metadata=metadata, timeout=60)
            print("whole:", answer.choices[0].text)
            print("tokens:", answer.usage.input_tokens, answer.usage.output_tokens)
            stream = chat.StreamComplete(request, metadata=metadata, timeout=60)
            pieces = [choice.text for chunk in stream for choice in chunk.choices]
            print("streamed:", "".join(pieces))
            vectors = vectors_services.EmbeddingsServiceStub(channel)
            asked = vectors_pb.EmbeddingsRequest(model=embedder, inputs=[question])
            found = vectors.Embed(asked, metadata=metadata, timeout=60)
            print("vector of", len(found.embeddings[0].values), "numbers,", found.usage.input_tokens, "tokens")
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            print("refused:", error.code().name, trailers.get("x-headgate-error"), trailers.get("x-request-id"))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
