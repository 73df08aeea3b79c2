"""anthropic-sdk-python's Messages, to an upstream of each dialect."""

import json

import anthropic
import pytest
from conftest import ANSWER, CALLS, KEY, PIXEL, PLAIN, STATUSES, THOUGHT, TIME, URL, WEATHER

# Strict: an answer that is not what its type says is an error.
client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0, _strict_response_validation=True)
HELLO = [{"role": "user", "content": "hello"}]
TOOLS = [{"name": "get_weather", "input_schema": WEATHER}, {"name": "get_time", "input_schema": TIME}]
CLASSES = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    503: anthropic.InternalServerError,
}


def params(model, more):
    return {"model": model, "max_tokens": 4000, "messages": HELLO, **more}


def ask(model, **more):
    return client.messages.create(**params(model, more))


def streamed(model, **more):
    with client.messages.stream(**params(model, more)) as stream:
        return stream.get_final_message()


def words(message):
    return "".join(block.text for block in message.content if block.type == "text")


def parsed(message):
    return [(block.name, block.input) for block in message.content if block.type == "tool_use"]


def test_text(provider):
    for message in (ask(f"{provider}/ok", system="Be brief."), streamed(f"{provider}/ok")):
        assert (words(message), message.stop_reason) == (PLAIN, "end_turn")
        assert (message.usage.input_tokens, message.usage.output_tokens) == (12, 8)


def test_text_stream(provider):
    with client.messages.stream(**params(f"{provider}/ok", {})) as stream:
        pieces = list(stream.text_stream)
    assert len(pieces) > 3 and "".join(pieces) == PLAIN


def test_tools_go_round(provider):
    model = f"{provider}/thinking+parallel-tools"
    thinking = {"type": "enabled", "budget_tokens": 1024}
    for first in (ask(model, tools=TOOLS, thinking=thinking), streamed(model, tools=TOOLS, thinking=thinking)):
        assert (parsed(first), first.stop_reason) == (CALLS, "tool_use")
        assert [block.type for block in first.content] == ["thinking", "tool_use", "tool_use"]
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": "21 degrees"}
            for block in first.content
            if block.type == "tool_use"
        ]
        messages = [
            *HELLO,
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": results},
        ]
        again = ask(model, tools=TOOLS, thinking=thinking, messages=messages)
        assert words(again) == "It is 21 degrees in Paris."


def test_thinking(provider):
    more = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    for message in (ask(f"{provider}/thinking", **more), streamed(f"{provider}/thinking", **more)):
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert message.content[0].thinking == THOUGHT
        assert words(message) == PLAIN


def test_schema(provider):
    shape = {"format": {"type": "json_schema", "schema": ANSWER}}
    assert json.loads(words(ask(f"{provider}/json", output_config=shape)))["answer"] == 42


def test_picture(provider):
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
    ]
    assert words(ask(f"{provider}/ok", messages=[{"role": "user", "content": parts}])) == PLAIN


def test_limit(provider):
    message = ask(f"{provider}/ok", max_tokens=3)
    assert (words(message), message.stop_reason) == ("Hello from the", "max_tokens")


@pytest.mark.parametrize("status", STATUSES)
def test_refusal(provider, status):
    for run in (ask, streamed):
        with pytest.raises(CLASSES[status]) as raised:
            run(f"{provider}/status:{status}")
        assert f"mock says {status}" in raised.value.message


@pytest.mark.parametrize("fault", ["error-after:3", "cut-fin-after:3", "end-after:3"])
def test_broken_stream(provider, fault):
    with pytest.raises(anthropic.APIError):
        streamed(f"{provider}/text:20+{fault}")


def test_tokens_are_counted(provider):
    assert client.messages.count_tokens(model=f"{provider}/ok", messages=HELLO).input_tokens > 0
