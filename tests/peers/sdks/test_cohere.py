"""cohere's ClientV2, to an upstream of each dialect."""

import json

import cohere
import pytest
from cohere.core.api_error import ApiError
from conftest import ANSWER, CALLS, KEY, PIXEL, PLAIN, STATUSES, THOUGHT, TIME, URL, WEATHER

client = cohere.ClientV2(api_key=KEY, base_url=URL)
HELLO = [{"role": "user", "content": "hello"}]
TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}},
    {"type": "function", "function": {"name": "get_time", "parameters": TIME}},
]
ONCE = {"max_retries": 0}


def ask(model, **more):
    return client.chat(model=model, messages=more.pop("messages", HELLO), request_options=ONCE, **more)


def streamed(model, **more):
    return list(client.chat_stream(model=model, messages=HELLO, request_options=ONCE, **more))


def words(message):
    return "".join(block.text for block in message.content or [] if block.type == "text")


def parsed(calls):
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls]


def test_text(provider):
    answer = ask(f"{provider}/ok")
    assert (words(answer.message), answer.finish_reason) == (PLAIN, "COMPLETE")
    assert (answer.usage.tokens.input_tokens, answer.usage.tokens.output_tokens) == (12, 8)


def test_stream(provider):
    events = streamed(f"{provider}/ok")
    assert "".join(e.delta.message.content.text for e in events if e.type == "content-delta") == PLAIN
    assert (events[0].type, events[-1].type) == ("message-start", "message-end")
    assert events[-1].delta.finish_reason == "COMPLETE"
    assert events[-1].delta.usage.tokens.output_tokens == 8


def test_tools_go_round(provider):
    model = f"{provider}/parallel-tools"
    first = ask(model, tools=TOOLS)
    assert first.finish_reason == "TOOL_CALL"
    assert parsed(first.message.tool_calls) == CALLS
    results = [{"role": "tool", "tool_call_id": c.id, "content": "21 degrees"} for c in first.message.tool_calls]
    again = ask(model, tools=TOOLS, messages=[*HELLO, first.message, *results])
    assert words(again.message) == "It is 21 degrees in Paris."
    calls = []
    for event in streamed(model, tools=TOOLS):
        if event.type == "tool-call-start":
            function = event.delta.message.tool_calls.function
            calls.append([function.name, function.arguments or ""])
        if event.type == "tool-call-delta":
            calls[event.index][1] += event.delta.message.tool_calls.function.arguments
    assert [(name, json.loads(text)) for name, text in calls] == CALLS


def test_thinking(provider):
    thinking = {"type": "enabled", "token_budget": 1024}
    answer = ask(f"{provider}/thinking", thinking=thinking, max_tokens=4000)
    assert answer.message.content[0].thinking == THOUGHT
    assert words(answer.message) == PLAIN


def test_schema(provider):
    answer = ask(f"{provider}/json", response_format={"type": "json_object", "json_schema": ANSWER})
    assert json.loads(words(answer.message))["answer"] == 42


def test_picture(provider):
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    assert words(ask(f"{provider}/ok", messages=[{"role": "user", "content": parts}]).message) == PLAIN


def test_limit(provider):
    answer = ask(f"{provider}/ok", max_tokens=3)
    assert (words(answer.message), answer.finish_reason) == ("Hello from the", "MAX_TOKENS")


@pytest.mark.parametrize("status", STATUSES)
def test_refusal(provider, status):
    for run in (ask, streamed):
        with pytest.raises(ApiError) as raised:
            run(f"{provider}/status:{status}")
        assert raised.value.status_code == status
        assert f"mock says {status}" in str(raised.value.body)


@pytest.mark.parametrize("fault", ["error-after:3", "cut-fin-after:3", "end-after:3"])
def test_broken_stream(provider, fault):
    try:
        last = streamed(f"{provider}/text:20+{fault}")[-1]
    except Exception as error:
        assert not isinstance(error, (AssertionError, IndexError))
    else:
        assert (last.type, last.delta.finish_reason) == ("message-end", "ERROR")


first = cohere.Client(api_key=KEY, base_url=URL)
OLD_TOOLS = [
    {
        "name": "get_weather",
        "description": "Weather",
        "parameter_definitions": {"city": {"type": "str", "description": "Its name", "required": True}},
    },
    {"name": "get_time", "description": "Time", "parameter_definitions": {"zone": {"type": "str"}}},
]


def test_first_chat(provider):
    answer = first.chat(model=f"{provider}/ok", message="hello", request_options=ONCE)
    assert (answer.text, answer.finish_reason) == (PLAIN, "COMPLETE")
    assert (answer.meta.tokens.input_tokens, answer.meta.tokens.output_tokens) == (12, 8)
    assert [turn.role for turn in answer.chat_history] == ["USER", "CHATBOT"]


def test_first_stream(provider):
    events = list(first.chat_stream(model=f"{provider}/ok", message="hello", request_options=ONCE))
    assert "".join(e.text for e in events if e.event_type == "text-generation") == PLAIN
    assert (events[0].event_type, events[-1].event_type) == ("stream-start", "stream-end")
    assert events[-1].response.text == PLAIN


def test_first_tools(provider):
    ask_first = {"model": f"{provider}/parallel-tools", "tools": OLD_TOOLS, "request_options": ONCE}
    answer = first.chat(message="Weather?", **ask_first)
    assert [(call.name, call.parameters) for call in answer.tool_calls] == CALLS
    results = [{"call": call, "outputs": [{"text": "21 degrees"}]} for call in answer.tool_calls]
    again = first.chat(message="", chat_history=answer.chat_history, tool_results=results, **ask_first)
    assert again.text == "It is 21 degrees in Paris."
