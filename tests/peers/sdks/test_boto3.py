"""boto3's bedrock-runtime, signed with a key pair that the gateway issued, to an upstream of each dialect."""

import base64
import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError, ReadTimeoutError
from conftest import ANSWER, AWS_PAIR, CALLS, PIXEL, PLAIN, STATUSES, THOUGHT, TIME, URL, WEATHER

client = boto3.client(
    "bedrock-runtime",
    region_name="eu-central-1",
    endpoint_url=URL,
    aws_access_key_id=AWS_PAIR[0],
    aws_secret_access_key=AWS_PAIR[1],
    config=Config(retries={"max_attempts": 0}),
)
HELLO = [{"role": "user", "content": [{"text": "hello"}]}]
TOOLS = {
    "tools": [
        {"toolSpec": {"name": "get_weather", "inputSchema": {"json": WEATHER}}},
        {"toolSpec": {"name": "get_time", "inputSchema": {"json": TIME}}},
    ]
}
CODES = {
    400: "ValidationException",
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}


def ask(model, **more):
    return client.converse(modelId=model, **{"messages": HELLO, **more})


def streamed(model, **more):
    """The message of a stream, its stop reason and its usage."""
    blocks, stop, usage = {}, None, None
    for event in client.converse_stream(modelId=model, **{"messages": HELLO, **more})["stream"]:
        if "contentBlockStart" in event:
            begun = event["contentBlockStart"]
            blocks[begun["contentBlockIndex"]] = {"toolUse": {**begun["start"]["toolUse"], "input": ""}}
        if "contentBlockDelta" in event:
            index, delta = event["contentBlockDelta"]["contentBlockIndex"], event["contentBlockDelta"]["delta"]
            if "text" in delta:
                blocks.setdefault(index, {"text": ""})["text"] += delta["text"]
            if "toolUse" in delta:
                blocks[index]["toolUse"]["input"] += delta["toolUse"]["input"]
            for name, piece in delta.get("reasoningContent", {}).items():
                said = blocks.setdefault(index, {"reasoningContent": {"reasoningText": {"text": ""}}})
                text = said["reasoningContent"]["reasoningText"]
                text[name] = text.get(name, "") + piece
        if "messageStop" in event:
            stop = event["messageStop"]["stopReason"]
        if "metadata" in event:
            usage = event["metadata"]["usage"]
    content = [blocks[index] for index in sorted(blocks)]
    for block in content:
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
    return {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": stop, "usage": usage}


def words(answer):
    return "".join(block.get("text", "") for block in answer["output"]["message"]["content"])


def parsed(answer):
    uses = [b["toolUse"] for b in answer["output"]["message"]["content"] if "toolUse" in b]
    return [(use["name"], use["input"]) for use in uses]


def test_text(provider):
    for run in (ask, streamed):
        answer = run(f"{provider}/ok", system=[{"text": "Be brief."}])
        assert (words(answer), answer["stopReason"]) == (PLAIN, "end_turn")
        assert (answer["usage"]["inputTokens"], answer["usage"]["outputTokens"]) == (12, 8)


def test_tools_go_round(provider):
    model = f"{provider}/thinking+parallel-tools"
    for run in (ask, streamed):
        first = run(model, toolConfig=TOOLS)
        assert (parsed(first), first["stopReason"]) == (CALLS, "tool_use")
        message = first["output"]["message"]
        kinds = [kind for block in message["content"] for kind in block]
        assert kinds[-2:] == ["toolUse", "toolUse"] and kinds[:-2] in ([], ["reasoningContent"])
        results = [
            {"toolResult": {"toolUseId": block["toolUse"]["toolUseId"], "content": [{"text": "21 degrees"}]}}
            for block in message["content"]
            if "toolUse" in block
        ]
        again = ask(model, toolConfig=TOOLS, messages=[*HELLO, message, {"role": "user", "content": results}])
        assert words(again) == "It is 21 degrees in Paris."


def test_thinking(provider):
    for run in (ask, streamed):
        answer = run(
            f"{provider}/thinking",
            inferenceConfig={"maxTokens": 4000},
            additionalModelRequestFields={"thinking": {"type": "enabled", "budget_tokens": 1024}},
        )
        first = answer["output"]["message"]["content"][0]
        assert first["reasoningContent"]["reasoningText"]["text"] == THOUGHT
        assert words(answer) == PLAIN


def test_schema(provider):
    structure = {"jsonSchema": {"name": "answer", "schema": json.dumps(ANSWER)}}
    answer = ask(
        f"{provider}/json", outputConfig={"textFormat": {"type": "json_schema", "structure": structure}}
    )
    assert json.loads(words(answer))["answer"] == 42


def test_picture(provider):
    picture = {"image": {"format": "png", "source": {"bytes": base64.b64decode(PIXEL)}}}
    answer = ask(f"{provider}/ok", messages=[{"role": "user", "content": [{"text": "What is it?"}, picture]}])
    assert words(answer) == PLAIN


def test_limit(provider):
    answer = ask(f"{provider}/ok", inferenceConfig={"maxTokens": 3})
    assert (words(answer), answer["stopReason"]) == ("Hello from the", "max_tokens")


@pytest.mark.parametrize("status", STATUSES)
def test_refusal(provider, status):
    for run in (ask, streamed):
        with pytest.raises(ClientError) as raised:
            run(f"{provider}/status:{status}")
        error = raised.value.response["Error"]
        assert error["Code"] == CODES[status]
        assert f"mock says {status}" in error["Message"]


@pytest.mark.parametrize("fault", ["error-after:3", "cut-fin-after:3", "end-after:3"])
def test_broken_stream(provider, fault):
    with pytest.raises((EventStreamError, ReadTimeoutError)):
        streamed(f"{provider}/text:20+{fault}")


def test_invoke():
    body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": [
        {"role": "user", "content": "hello"}
    ]})
    answer = json.loads(client.invoke_model(modelId="be/ok", body=body)["body"].read())
    assert answer["content"][0]["text"] == PLAIN
    events = client.invoke_model_with_response_stream(modelId="be/ok", body=body)["body"]
    said = [json.loads(event["chunk"]["bytes"]) for event in events]
    assert "".join(e["delta"].get("text", "") for e in said if e["type"] == "content_block_delta") == PLAIN


@pytest.mark.parametrize(
    "model, body, member",
    [
        ("amazon.titan-embed-text-v2:0", {"inputText": "x", "dimensions": 256}, "embedding"),
        ("cohere.embed-english-v3", {"texts": ["x"], "input_type": "search_query"}, "embeddings"),
        ("cohere.rerank-v3-5:0", {"query": "x", "documents": ["x", "y"], "api_version": 2}, "results"),
    ],
)
def test_invoke_of_other_makers(model, body, member):
    answer = client.invoke_model(modelId=f"be/{model}", body=json.dumps(body))
    assert member in json.loads(answer["body"].read())


@pytest.mark.parametrize("model", ["oa/rank", "co/rank"])
def test_invoke_of_a_rerank(model):
    body = json.dumps({"query": "b", "documents": ["a", "b"], "top_n": 1, "api_version": 2})
    answer = json.loads(client.invoke_model(modelId=model, body=body)["body"].read())
    assert [one["index"] for one in answer["results"]] == [1]


@pytest.mark.parametrize("format", ["txt", "md", "csv"])
def test_text_document(provider, format):
    document = {"document": {"format": format, "name": "notes", "source": {"bytes": b"some words"}}}
    answer = ask(f"{provider}/ok", messages=[{"role": "user", "content": [{"text": "Sum it up."}, document]}])
    assert words(answer) == PLAIN
