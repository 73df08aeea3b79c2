"""What openai-python keeps and helps with, to an upstream of each dialect: responses and conversations from making to deleting,
parsed answers, tools of pydantic, Azure's client."""

import time

import openai
import pytest
from conftest import KEY, OTHER, PROVIDERS, URL, WEATHER
from pydantic import BaseModel

client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
other = openai.OpenAI(base_url=f"{URL}/v1", api_key=OTHER, max_retries=0)
HELLO = [{"role": "user", "content": "hello"}]
# Beyond what any machine takes: it is waited for the answer, and not for the time.
LONGEST_S = 120


class Answer(BaseModel):
    answer: int


class get_weather(BaseModel):  # noqa: N801 (its name is the tool's)
    city: str


def test_parsed(provider):
    model = f"{provider}/json"
    whole = client.chat.completions.parse(model=model, messages=HELLO, response_format=Answer)
    with client.chat.completions.stream(model=model, messages=HELLO, response_format=Answer) as stream:
        streamed = stream.get_final_completion()
    assert [one.choices[0].message.parsed.answer for one in (whole, streamed)] == [42, 42]
    whole = client.responses.parse(model=model, input="x", text_format=Answer)
    with client.responses.stream(model=model, input="x", text_format=Answer) as stream:
        streamed = stream.get_final_response()
    assert [one.output_parsed.answer for one in (whole, streamed)] == [42, 42]


def test_tools_of_pydantic(provider):
    tool = openai.pydantic_function_tool(get_weather)
    made = client.chat.completions.parse(model=f"{provider}/tools:get_weather", messages=HELLO, tools=[tool])
    [call] = made.choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, get_weather)


def ended(made):
    give_up = time.monotonic() + LONGEST_S
    while made.status in ("queued", "in_progress") and time.monotonic() < give_up:
        time.sleep(0.05)
        made = client.responses.retrieve(made.id)
    return made


def test_response_from_making_to_deleting(provider):
    model = f"{provider}/ok"
    made = client.responses.create(model=model, input="hello", instructions="be nice", store=True)
    assert (made.status, made.instructions if provider != "rs" else "be nice") == ("completed", "be nice")
    assert client.responses.retrieve(made.id).output_text == made.output_text
    behind = client.responses.create(model=model, input="again", previous_response_id=made.id)
    assert behind.previous_response_id == made.id
    items = list(client.responses.input_items.list(behind.id, limit=2, order="asc"))
    assert [item.role for item in items] == ["user", "assistant", "user"]
    for ask in (
        other.responses.retrieve,
        other.responses.delete,
        other.responses.cancel,
        lambda kept: list(other.responses.input_items.list(kept)),
        lambda kept: other.responses.create(model=model, input="x", previous_response_id=kept),
    ):
        with pytest.raises(openai.NotFoundError):
            ask(made.id)
    # One that is over.
    with pytest.raises(openai.BadRequestError):
        client.responses.cancel(made.id)
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_response_in_the_background(provider):
    asked = {"model": f"{provider}/ok", "input": "hello", "background": True}
    assert ended(client.responses.create(**asked)).status == "completed"
    events = list(client.responses.create(**asked, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    again = list(client.responses.retrieve(events[0].response.id, stream=True, starting_after=1))
    assert [event.type for event in again] == [event.type for event in events[2:]]


def test_compacted(provider):
    told = [*HELLO, {"role": "assistant", "content": "hi"}]
    made = client.responses.compact(model=f"{provider}/ok", input=told)
    items = [item.model_dump(exclude_none=True) for item in made.output]
    assert client.responses.create(model=f"{provider}/ok", input=[*items, *HELLO]).output_text
    assert client.responses.input_tokens.count(model=f"{provider}/ok", input="hello").input_tokens > 0


def test_conversation(provider):
    kept = client.conversations.create(items=[{"type": "message", **HELLO[0]}], metadata={"a": "1"})
    client.responses.create(model=f"{provider}/ok", input="hello", conversation=kept.id)
    items = list(client.conversations.items.list(kept.id, order="asc", limit=1))
    assert [item.role for item in items] == ["user", "user", "assistant"]
    client.conversations.items.create(kept.id, items=[{"type": "message", **HELLO[0]}])
    client.conversations.items.delete(items[0].id, conversation_id=kept.id)
    assert len(list(client.conversations.items.list(kept.id))) == 3
    assert client.conversations.update(kept.id, metadata={"a": "2"}).metadata == {"a": "2"}
    for ask in (other.conversations.retrieve, other.conversations.delete, other.conversations.items.list):
        with pytest.raises(openai.NotFoundError):
            ask(kept.id)
    assert client.conversations.delete(kept.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.conversations.retrieve(kept.id)


def test_the_deployment_is_the_model(provider):
    shared = {"azure_endpoint": URL, "api_key": KEY, "api_version": "2024-10-21", "max_retries": 0}
    azure = openai.AzureOpenAI(azure_deployment=f"{provider}/tools:get_weather", **shared)
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}
    # What its body says is nobody's model, and would have answered otherwise.
    made = azure.chat.completions.create(model=f"{provider}/ok", messages=HELLO, tools=[tool])
    assert made.choices[0].message.tool_calls[0].function.name == "get_weather"
    assert openai.AzureOpenAI(**shared).responses.create(model=f"{provider}/ok", input="x").output_text


ASKS = {
    "chat": lambda by: by.chat.completions.create(model="oa/ok", messages=HELLO),
    "stored chats": lambda by: by.chat.completions.list(),
    "completions": lambda by: by.completions.create(model="oa/ok", prompt="x"),
    "responses": lambda by: by.responses.create(model="oa/ok", input="x"),
    "a response": lambda by: by.responses.retrieve("resp_1"),
    "conversations": lambda by: by.conversations.create(),
    "models": lambda by: by.models.list(),
    "embeddings": lambda by: by.embeddings.create(model="oa/embed", input="x"),
    "moderations": lambda by: by.moderations.create(input="x"),
    "images": lambda by: by.images.generate(prompt="x"),
    "image edits": lambda by: by.images.edit(image=b"x", prompt="x"),
    "speech": lambda by: by.audio.speech.create(model="oa/ok", voice="alloy", input="x"),
    "transcriptions": lambda by: by.audio.transcriptions.create(model="oa/ok", file=b"x"),
    "files": lambda by: by.files.list(),
    "uploads": lambda by: by.uploads.create(bytes=1, filename="x", mime_type="x", purpose="batch"),
    "batches": lambda by: by.batches.list(),
    "vector stores": lambda by: by.vector_stores.list(),
    "containers": lambda by: by.containers.list(),
    "fine-tuning": lambda by: by.fine_tuning.jobs.list(),
    "evals": lambda by: by.evals.list(),
    "skills": lambda by: by.skills.list(),
    "agents": lambda by: by.beta.agents.list(),
    "vaults": lambda by: by.beta.agents.vaults.list(),
    "client secrets": lambda by: by.realtime.client_secrets.create(),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_wrong_key_is_told_as_openai_tells_it(ask):
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(openai.OpenAI(base_url=f"{URL}/v1", api_key="sk-nobody-knows-this-one", max_retries=0))
    assert (raised.value.code, raised.value.type) == ("invalid_api_key", "invalid_request_error")
    assert raised.value.request_id


def test_all_dialects_are_walked():
    assert len(PROVIDERS) == 6
