"""boto3 as strangers use it: by Bearer, by ARN, the order of events, what a request may hold besides, and what is told of wrong ones."""

import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from conftest import AWS_PAIR, KEY, PLAIN, URL, WEATHER

HELLO = [{"role": "user", "content": [{"text": "hello"}]}]
WEATHER_TOOL = {"toolSpec": {"name": "get_weather", "inputSchema": {"json": WEATHER}}}
CLAUDE = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]}


def signed(service="bedrock-runtime", pair=AWS_PAIR, prefix=""):
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=URL + prefix,
        aws_access_key_id=pair[0],
        aws_secret_access_key=pair[1],
        config=Config(retries={"max_attempts": 0}),
    )


def bearer(key, service="bedrock-runtime"):
    """The SDK itself sends one over TLS alone."""
    config = Config(signature_version=UNSIGNED, retries={"max_attempts": 0})
    by = boto3.client(service, region_name="eu-central-1", endpoint_url=URL, config=config)
    by.meta.events.register(
        "before-send.*", lambda request, **_: request.headers.__setitem__("Authorization", f"Bearer {key}")
    )
    return by


client = signed()


def words(answer):
    return "".join(block.get("text", "") for block in answer["output"]["message"]["content"])


def code_of(raised):
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_bearer(provider):
    by = bearer(KEY)
    assert words(by.converse(modelId=f"{provider}/ok", messages=HELLO)) == PLAIN
    events = by.converse_stream(modelId=f"{provider}/ok", messages=HELLO)["stream"]
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert "".join(delta.get("text", "") for delta in deltas) == PLAIN


def test_events_are_in_order(provider):
    events = list(client.converse_stream(modelId=f"{provider}/ok", messages=HELLO)["stream"])
    names = [name for event in events for name in event]
    assert (names[0], names[-2:]) == ("messageStart", ["messageStop", "metadata"])
    assert events[-1]["metadata"]["usage"]["totalTokens"] == 20


def test_choice_of_tools(provider):
    for choice in ({"auto": {}}, {"any": {}}, {"tool": {"name": "get_weather"}}):
        tools = {"tools": [WEATHER_TOOL], "toolChoice": choice}
        answer = client.converse(modelId=f"{provider}/tools", messages=HELLO, toolConfig=tools)
        uses = [block["toolUse"] for block in answer["output"]["message"]["content"] if "toolUse" in block]
        assert [(use["name"], use["input"]) for use in uses] == [("get_weather", {"city": "Paris"})]


def test_what_others_do_not_have_is_left_out_or_told(provider):
    mark = {"cachePoint": {"type": "default"}}
    answer = client.converse(
        modelId=f"{provider}/ok",
        messages=[{"role": "user", "content": [{"text": "hello"}, mark]}],
        system=[{"text": "Be brief."}, mark],
        performanceConfig={"latency": "optimized"},
        requestMetadata={"team": "a"},
        additionalModelRequestFields={"top_k": 20},
    )
    assert words(answer) == PLAIN
    guarded = {"guardrailConfig": {"guardrailIdentifier": "abcd1234", "guardrailVersion": "1"}}
    if provider == "be":
        assert words(client.converse(modelId="be/ok", messages=HELLO, **guarded)) == PLAIN
    else:
        with pytest.raises(client.exceptions.ValidationException, match="guardrailConfig"):
            client.converse(modelId=f"{provider}/ok", messages=HELLO, **guarded)


def test_invoke_of_claude(provider):
    answer = client.invoke_model(modelId=f"{provider}/ok", body=json.dumps(CLAUDE))
    assert json.loads(answer["body"].read())["content"][0]["text"] == PLAIN
    events = client.invoke_model_with_response_stream(modelId=f"{provider}/ok", body=json.dumps(CLAUDE))["body"]
    told = [json.loads(event["chunk"]["bytes"]) for event in events]
    assert (told[0]["type"], told[-1]["type"]) == ("message_start", "message_stop")
    for body in (b"{}", b"no JSON", b'{"anthropic_version":"bedrock-2023-05-31"}'):
        with pytest.raises(client.exceptions.ValidationException):
            client.invoke_model(modelId=f"{provider}/ok", body=body)


def test_tokens_are_counted(provider):
    for counted in ({"converse": {"messages": HELLO}}, {"invokeModel": {"body": json.dumps(CLAUDE).encode()}}):
        assert client.count_tokens(modelId=f"{provider}/ok", input=counted)["inputTokens"] > 0


def test_error_of_a_stream(provider):
    with pytest.raises(EventStreamError) as raised:
        list(client.converse_stream(modelId=f"{provider}/text:20+error-after:3", messages=HELLO)["stream"])
    assert raised.value.response["Error"]["Code"].endswith("Exception")


def test_strangers():
    for by in (signed(pair=("NOBODY", "x" * 30)), signed(pair=(AWS_PAIR[0], "wrong" * 6)), bearer("hg-nobody-0123456789")):
        for ask in (
            lambda: by.converse(modelId="be/ok", messages=HELLO),
            lambda: by.converse_stream(modelId="be/ok", messages=HELLO),
            lambda: by.invoke_model(modelId="be/ok", body=json.dumps(CLAUDE)),
            lambda: by.count_tokens(modelId="be/ok", input={"converse": {"messages": HELLO}}),
        ):
            with pytest.raises(ClientError) as raised:
                ask()
            assert code_of(raised)[1] in (401, 403)
            assert code_of(raised)[0].endswith("Exception")


def test_nobody_has_it():
    for ask in (
        lambda: client.converse(modelId="nobody-has-it", messages=HELLO),
        lambda: client.converse_stream(modelId="nobody-has-it", messages=HELLO),
        lambda: client.invoke_model(modelId="nobody-has-it", body=json.dumps(CLAUDE)),
        lambda: client.count_tokens(modelId="nobody-has-it", input={"converse": {"messages": HELLO}}),
    ):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            ask()
    control = signed("bedrock")
    for ask in (
        lambda: control.get_foundation_model(modelIdentifier="nobody-has-it"),
        lambda: control.get_inference_profile(inferenceProfileIdentifier="nobody-has-it"),
        # No route at all is told so too.
        lambda: control.list_guardrails(),
    ):
        with pytest.raises(control.exceptions.ResourceNotFoundException):
            ask()


def test_models_and_profiles():
    control = signed("bedrock")
    assert "fast" in [model["modelId"] for model in control.list_foundation_models()["modelSummaries"]]
    assert control.get_foundation_model(modelIdentifier="fast")["modelDetails"]["modelId"] == "fast"
    assert control.list_inference_profiles()["inferenceProfileSummaries"] == []
    profile = control.get_inference_profile(inferenceProfileIdentifier="fast")
    assert (profile["inferenceProfileId"], profile["status"]) == ("fast", "ACTIVE")


@pytest.mark.parametrize("model", ["oa/rank", "co/rank", "be/cohere.rerank-v3-5:0", "arn:aws:bedrock:us-west-2::foundation-model/be/cohere.rerank-v3-5:0"])
def test_rerank(model):
    documents = [{"type": "TEXT", "textDocument": {"text": text}} for text in ("a", "b")]
    settings = {"modelConfiguration": {"modelArn": model}, "numberOfResults": 2}
    answer = signed("bedrock-agent-runtime").rerank(
        queries=[{"type": "TEXT", "textQuery": {"text": "b"}}],
        sources=[{"type": "INLINE", "inlineDocumentSource": document} for document in documents],
        rerankingConfiguration={"type": "BEDROCK_RERANKING_MODEL", "bedrockRerankingConfiguration": settings},
    )
    assert [result["index"] for result in answer["results"]] == [1, 0]


@pytest.mark.parametrize("prefix", ["/bedrock", "/litellm", "/litellm/bedrock"])
def test_prefixes(prefix):
    assert words(signed(prefix=prefix).converse(modelId="oa/ok", messages=HELLO)) == PLAIN
