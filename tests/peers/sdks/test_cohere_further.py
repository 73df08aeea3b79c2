"""cohere as strangers use it: asynchronous, what embeddings repeat, every error's own class, its first API's completions."""

import asyncio

import cohere
import pytest
from cohere.core.api_error import ApiError
from conftest import KEY, PIXEL, PLAIN, URL

client = cohere.ClientV2(api_key=KEY, base_url=URL)
first = cohere.Client(api_key=KEY, base_url=URL)
HELLO = [{"role": "user", "content": "hello"}]
ONCE = {"max_retries": 0}


def test_asynchronously(provider):
    async def walk():
        later = cohere.AsyncClientV2(api_key=KEY, base_url=URL)
        answer = await later.chat(model=f"{provider}/ok", messages=HELLO)
        assert answer.message.content[0].text == PLAIN
        said = ""
        async for event in later.chat_stream(model=f"{provider}/ok", messages=HELLO):
            if event.type == "content-delta":
                said += event.delta.message.content.text
        assert said == PLAIN
        older = cohere.AsyncClient(api_key=KEY, base_url=URL)
        assert (await older.chat(model=f"{provider}/ok", message="hello")).text == PLAIN

    asyncio.run(walk())


def test_completions_of_the_first_api(provider):
    assert first.generate(model=f"{provider}/ok", prompt="hello", max_tokens=100).generations[0].text == PLAIN
    events = list(first.generate_stream(model=f"{provider}/ok", prompt="hello"))
    assert "".join(event.text for event in events if event.event_type == "text-generation") == PLAIN
    assert events[-1].event_type == "stream-end"


def test_results_in_every_form(provider):
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]
    asked = client.chat(model=f"{provider}/tools", messages=HELLO, tools=tools).message
    call = asked.tool_calls[0]
    for content in (
        "21 degrees",
        [{"type": "text", "text": "21 degrees"}],
        [{"type": "document", "document": {"id": "a", "data": {"degrees": "21"}}}],
    ):
        result = {"role": "tool", "tool_call_id": call.id, "content": content}
        answer = client.chat(model=f"{provider}/tools", messages=[*HELLO, asked, result], tools=tools)
        assert answer.message.content[0].text == "It is 21 degrees in Paris."


@pytest.mark.parametrize("by", ["oa", "ge", "co"])
def test_embeddings_repeat_what_they_are_of(by):
    for embed, more in ((client.embed, {"embedding_types": ["float", "base64"]}), (client.embed, {}), (first.embed, {})):
        answer = embed(model=f"{by}/embed", texts=["a", "bb"], input_type="search_document", **more)
        assert answer.texts == ["a", "bb"]
    assert answer.embeddings == [[0.125, 0, -0.25], [0.25, 1, -0.25]]


def test_embedding_of_a_picture():
    picture = f"data:image/png;base64,{PIXEL}"
    assert client.embed(model="co/embed", images=[picture], input_type="image", embedding_types=["float"]).embeddings.float_
    with pytest.raises(cohere.BadRequestError):
        client.embed(model="oa/embed", images=[picture], input_type="image", embedding_types=["float"], request_options=ONCE)


def test_errors_have_their_classes():
    stranger = cohere.ClientV2(api_key="hg-nobody-0123456789abcdef", base_url=URL)
    for kind, ask in (
        (cohere.UnauthorizedError, lambda: stranger.chat(model="co/ok", messages=HELLO)),
        (cohere.UnauthorizedError, lambda: list(stranger.chat_stream(model="co/ok", messages=HELLO))),
        (cohere.UnauthorizedError, lambda: stranger.embed(model="co/embed", texts=["x"], input_type="search_query")),
        (cohere.UnauthorizedError, lambda: stranger.rerank(model="co/rank", query="x", documents=["x"])),
        (cohere.UnauthorizedError, lambda: stranger.models.list()),
        (cohere.UnauthorizedError, lambda: stranger.datasets.list()),
        (cohere.UnauthorizedError, lambda: stranger.tokenize(model="co/ok", text="x", offline=False)),
        (cohere.NotFoundError, lambda: client.chat(model="nobody-has-it", messages=HELLO)),
        (cohere.NotFoundError, lambda: list(client.chat_stream(model="nobody-has-it", messages=HELLO))),
        (cohere.NotFoundError, lambda: client.embed(model="nobody-has-it", texts=["x"], input_type="search_query")),
        (cohere.NotFoundError, lambda: client.rerank(model="nobody-has-it", query="x", documents=["x"])),
        (cohere.NotFoundError, lambda: first.generate(model="nobody-has-it", prompt="x")),
        (cohere.NotFoundError, lambda: client.models.get("nobody-has-it")),
        (cohere.BadRequestError, lambda: client.chat(model="oa/ok", messages=[], request_options=ONCE)),
    ):
        with pytest.raises(kind) as raised:
            ask()
        assert raised.value.body
    with pytest.raises(ApiError) as raised:
        client.chat(model="co/status:429", messages=HELLO, request_options=ONCE)
    assert isinstance(raised.value, cohere.TooManyRequestsError)


def test_models():
    assert "fast" in [model.name for model in client.models.list(page_size=1000).models]
    assert client.models.get("fast").name == "fast"


@pytest.mark.parametrize("prefix", ["/cohere", "/litellm", "/litellm/cohere"])
def test_prefixes(prefix):
    by = cohere.ClientV2(api_key=KEY, base_url=URL + prefix)
    assert by.chat(model="oa/ok", messages=HELLO).message.content[0].text == PLAIN
    assert by.models.list().models
