"""openai-python's Responses, to an upstream of each dialect."""

import json

import openai
import pytest
from conftest import ANSWER, CALLS, KEY, PIXEL, PLAIN, STATUSES, THOUGHT, TIME, URL, WEATHER
from test_openai_chat import CLASSES

# Strict: an answer that is not what its type says is an error.
client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0, _strict_response_validation=True)
TOOLS = [
    {"type": "function", "name": "get_weather", "parameters": WEATHER, "strict": False},
    {"type": "function", "name": "get_time", "parameters": TIME, "strict": False},
]


def ask(model, **more):
    return client.responses.create(model=model, input=more.pop("input", "hello"), **more)


def parsed(output):
    return [(item.name, json.loads(item.arguments)) for item in output if item.type == "function_call"]


def test_text(provider):
    answer = ask(f"{provider}/ok", instructions="Be brief.")
    assert (answer.status, answer.output_text) == ("completed", PLAIN)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (12, 8)
    assert answer.usage.input_tokens_details.cached_tokens == 0


def test_stream(provider):
    events = list(ask(f"{provider}/ok", stream=True))
    assert [e.sequence_number for e in events] == list(range(len(events)))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == PLAIN
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert events[-1].response.output_text == PLAIN


def test_tools_go_round(provider):
    model = f"{provider}/thinking+parallel-tools"
    first = ask(model, tools=TOOLS, reasoning={"effort": "low"})
    assert parsed(first.output) == CALLS
    kinds = ["reasoning", "function_call", "function_call"]
    assert [item.type for item in first.output] == kinds
    results = [
        {"type": "function_call_output", "call_id": item.call_id, "output": "21 degrees"}
        for item in first.output
        if item.type == "function_call"
    ]
    again = ask(model, tools=TOOLS, input=[{"role": "user", "content": "hello"}, *first.output, *results])
    assert again.output_text == "It is 21 degrees in Paris."
    with client.responses.stream(model=model, input="hello", tools=TOOLS) as stream:
        final = stream.get_final_response()
    assert parsed(final.output) == CALLS
    assert [item.type for item in final.output] == kinds


def test_thinking(provider):
    more = {"reasoning": {"effort": "low", "summary": "auto"}}
    answer = ask(f"{provider}/thinking", **more)
    events = list(ask(f"{provider}/thinking", stream=True, **more))
    for output in (answer.output, events[-1].response.output):
        assert [item.type for item in output] == ["reasoning", "message"]
    ended = [event.output_index for event in events if event.type == "response.output_item.done"]
    assert sorted(ended) == [0, 1]
    said = [part.text for item in answer.output if item.type == "reasoning" for part in item.summary]
    said += [part.text for item in answer.output if item.type == "reasoning" for part in item.content or []]
    assert ("".join(said), answer.output_text) == (THOUGHT, PLAIN)


def test_schema(provider):
    shape = {"format": {"type": "json_schema", "name": "answer", "schema": ANSWER, "strict": True}}
    assert json.loads(ask(f"{provider}/json", text=shape).output_text)["answer"] == 42


def test_picture(provider):
    parts = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"},
    ]
    assert ask(f"{provider}/ok", input=[{"role": "user", "content": parts}]).output_text == PLAIN


def test_limit(provider):
    answer = ask(f"{provider}/ok", max_output_tokens=3)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert answer.output_text == "Hello from the"


@pytest.mark.parametrize("status", STATUSES)
def test_refusal(provider, status):
    for stream in (False, True):
        with pytest.raises(CLASSES[status]) as raised:
            ask(f"{provider}/status:{status}", stream=stream)
        assert f"mock says {status}" in raised.value.message


@pytest.mark.parametrize("fault", ["error-after:3", "cut-fin-after:3", "end-after:3"])
def test_broken_stream(provider, fault):
    kinds = []
    try:
        for event in ask(f"{provider}/text:20+{fault}", stream=True):
            kinds.append(event.type)
    except openai.APIError:
        kinds.append("error")
    assert kinds[-1] in ("error", "response.failed")
    assert "response.completed" not in kinds
