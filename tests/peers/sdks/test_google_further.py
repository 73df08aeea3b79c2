"""google-genai as strangers use it: functions that the SDK calls itself, schemas of types, every version, Vertex AI's manner, asynchronous."""

import asyncio

import pydantic
import pytest
from conftest import KEY, PLAIN, URL
from google import genai
from google.genai import errors, types

client = genai.Client(api_key=KEY, http_options={"base_url": URL})
vertex = genai.Client(vertexai=True, api_key=KEY, http_options={"base_url": URL})


class Answer(pydantic.BaseModel):
    answer: int


def get_weather(city: str) -> str:
    """Weather of a city.

    Args:
        city: its name
    """
    return f"21 degrees in {city}"


async def get_weather_later(city: str) -> str:
    """Weather of a city."""
    return f"21 degrees in {city}"


def test_functions_are_called_by_the_sdk(provider):
    answer = client.models.generate_content(
        model=f"{provider}/call:get_weather:city=Paris", contents="Weather?", config={"tools": [get_weather]}
    )
    assert answer.text == "It is 21 degrees in Paris."
    chat = client.chats.create(model=f"{provider}/call:get_weather:city=Rome", config={"tools": [get_weather]})
    assert chat.send_message("Weather?").text == "It is 21 degrees in Paris."
    assert [turn.role for turn in chat.get_history()] == ["user", "model", "user", "model"]


def test_asynchronously(provider):
    async def walk():
        async with genai.Client(api_key=KEY, http_options={"base_url": URL}).aio as later:
            model = f"{provider}/ok"
            assert (await later.models.generate_content(model=model, contents="hello")).text == PLAIN
            said = ""
            async for chunk in await later.models.generate_content_stream(model=model, contents="hello"):
                said += chunk.text or ""
            assert said == PLAIN
            assert (await later.models.count_tokens(model=model, contents="hello")).total_tokens > 0
            called = await later.models.generate_content(
                model=f"{provider}/call:get_weather_later:city=Paris",
                contents="Weather?",
                config={"tools": [get_weather_later]},
            )
            assert called.text == "It is 21 degrees in Paris."

    asyncio.run(walk())


def test_schema_of_a_type(provider):
    config = {"response_mime_type": "application/json", "response_schema": Answer}
    answer = client.models.generate_content(model=f"{provider}/json", contents="hello", config=config)
    assert answer.parsed.answer == 42


@pytest.mark.parametrize("version", ["v1", "v1alpha", "v1beta", "v1beta1"])
def test_versions(version):
    by = genai.Client(api_key=KEY, http_options={"base_url": URL, "api_version": version})
    for model in ("oa/ok", "ge/ok", "fast"):
        assert by.models.generate_content(model=model, contents="hello").text == PLAIN
        assert by.models.count_tokens(model=model, contents="hello").total_tokens > 0
    assert by.models.embed_content(model="oa/embed", contents=["a", "bb"]).embeddings[1].values == [0.25, 1, -0.25]
    assert "models/fast" in [model.name for model in by.models.list()]
    assert by.models.get(model="fast").name == "models/fast"


@pytest.mark.parametrize("prefix", ["/genai", "/litellm", "/langchain", "/litellm/genai"])
def test_prefixes(prefix):
    by = genai.Client(api_key=KEY, http_options={"base_url": URL + prefix})
    assert by.models.generate_content(model="an/ok", contents="hello").text == PLAIN
    assert [model.name for model in by.models.list()]


def test_vertex_asks_the_provider_that_is_named(provider):
    # One that no other provider refuses so: who answers is who was asked.
    with pytest.raises(errors.ClientError) as raised:
        vertex.models.generate_content(model=f"{provider}/status:403", contents="hello")
    assert raised.value.code == 403
    assert raised.value.response.headers["x-headgate-provider"] == provider
    assert vertex.models.generate_content(model=f"{provider}/ok", contents="hello").text == PLAIN
    chunks = vertex.models.generate_content_stream(model=f"{provider}/ok", contents="hello")
    assert "".join(chunk.text or "" for chunk in chunks) == PLAIN


def test_thinking_in_every_manner(provider):
    for thinking in ({"thinking_budget": 0}, {"thinking_budget": -1}, {"thinking_level": "LOW"}):
        config = {"thinking_config": thinking}
        answer = client.models.generate_content(model=f"{provider}/thinking", contents="hello", config=config)
        assert answer.text == PLAIN


def test_what_only_google_has_is_told(provider):
    for tool in (types.Tool(code_execution=types.ToolCodeExecution()), types.Tool(url_context=types.UrlContext())):
        ask = {"model": f"{provider}/ok", "contents": "hello", "config": {"tools": [tool]}}
        if provider == "ge":
            assert client.models.generate_content(**ask).text == PLAIN
            continue
        try:
            assert client.models.generate_content(**ask).text == PLAIN
        except errors.ClientError as error:
            assert (error.code, error.status) == (400, "INVALID_ARGUMENT")


def test_errors_are_googles():
    stranger = genai.Client(api_key="hg-nobody-0123456789abcdef", http_options={"base_url": URL})
    for ask, code, status in (
        (lambda: stranger.models.generate_content(model="ge/ok", contents="x"), 401, "UNAUTHENTICATED"),
        (lambda: list(stranger.models.list()), 401, "UNAUTHENTICATED"),
        (lambda: stranger.models.embed_content(model="ge/embed", contents="x"), 401, "UNAUTHENTICATED"),
        (lambda: client.models.generate_content(model="nobody-has-it", contents="x"), 404, "NOT_FOUND"),
        (lambda: client.models.count_tokens(model="nobody-has-it", contents="x"), 404, "NOT_FOUND"),
        (lambda: client.models.embed_content(model="nobody-has-it", contents="x"), 404, "NOT_FOUND"),
        (lambda: client.models.get(model="nobody-has-it"), 404, "NOT_FOUND"),
    ):
        with pytest.raises(errors.ClientError) as raised:
            ask()
        assert (raised.value.code, raised.value.status) == (code, status)
        assert raised.value.message and raised.value.response.headers["x-request-id"]
