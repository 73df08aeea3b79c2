"""openai-python's Chat Completions, to an upstream of each dialect."""

import json

import openai
import pytest
from conftest import ANSWER, CALLS, KEY, PIXEL, PLAIN, STATUSES, THOUGHT, TIME, URL, WEATHER

# Strict: an answer that is not what its type says is an error.
client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0, _strict_response_validation=True)
HELLO = [{"role": "user", "content": "hello"}]
TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}},
    {"type": "function", "function": {"name": "get_time", "parameters": TIME}},
]
CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


def ask(model, **more):
    return client.chat.completions.create(model=model, messages=more.pop("messages", HELLO), **more)


def parsed(calls):
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls]


def test_text(provider):
    answer = ask(f"{provider}/ok")
    assert answer.object == "chat.completion"
    assert answer.choices[0].message.content == PLAIN
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (12, 8)


def test_stream(provider):
    chunks = list(ask(f"{provider}/ok", stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == PLAIN
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 20
    assert len({c.id for c in chunks}) == 1


def test_tools_go_round(provider):
    model = f"{provider}/parallel-tools"
    first = ask(model, tools=TOOLS).choices[0]
    assert first.finish_reason == "tool_calls"
    assert parsed(first.message.tool_calls) == CALLS
    results = [{"role": "tool", "tool_call_id": c.id, "content": "21 degrees"} for c in first.message.tool_calls]
    again = ask(model, tools=TOOLS, messages=[*HELLO, first.message, *results])
    assert again.choices[0].message.content == "It is 21 degrees in Paris."
    with client.chat.completions.stream(model=model, messages=HELLO, tools=TOOLS) as stream:
        final = stream.get_final_completion()
    assert parsed(final.choices[0].message.tool_calls) == CALLS


def test_thinking(provider):
    model = f"{provider}/thinking"
    message = ask(model, reasoning_effort="low").choices[0].message
    assert (message.reasoning_content, message.content) == (THOUGHT, PLAIN)
    deltas = [c.choices[0].delta for c in ask(model, reasoning_effort="low", stream=True) if c.choices]
    assert "".join(getattr(d, "reasoning_content", None) or "" for d in deltas) == THOUGHT


def test_schema(provider):
    shape = {"type": "json_schema", "json_schema": {"name": "answer", "schema": ANSWER, "strict": True}}
    answer = ask(f"{provider}/json", response_format=shape)
    assert json.loads(answer.choices[0].message.content)["answer"] == 42


def test_picture(provider):
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    answer = ask(f"{provider}/ok", messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == PLAIN


def test_limit(provider):
    choice = ask(f"{provider}/ok", max_completion_tokens=3).choices[0]
    assert (choice.message.content, choice.finish_reason) == ("Hello from the", "length")


@pytest.mark.parametrize("status", STATUSES)
def test_refusal(provider, status):
    for stream in (False, True):
        with pytest.raises(CLASSES[status]) as raised:
            ask(f"{provider}/status:{status}", stream=stream)
        assert raised.value.status_code == status
        assert f"mock says {status}" in raised.value.message


@pytest.mark.parametrize("fault", ["error-after:3", "cut-fin-after:3", "end-after:3"])
def test_broken_stream(provider, fault):
    said = ""
    with pytest.raises(openai.APIError):
        for chunk in ask(f"{provider}/text:20+{fault}", stream=True):
            said += chunk.choices[0].delta.content or ""
    assert "t0 t1 t2".startswith(said)


def test_unknown_model():
    with pytest.raises(openai.NotFoundError):
        ask("nobody/has-this")
