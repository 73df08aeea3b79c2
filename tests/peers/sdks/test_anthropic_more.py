"""What anthropic-sdk-python helps with, to an upstream of each dialect: tools that it runs, parsed answers, its clients of clouds."""

import anthropic
import pytest
from conftest import KEY, URL
from pydantic import BaseModel

client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
HELLO = [{"role": "user", "content": "hello"}]
SHARED = {"max_tokens": 100, "messages": HELLO}


class Answer(BaseModel):
    answer: int


@anthropic.beta_tool
def get_weather(city: str) -> str:
    """The weather.

    Args:
        city: where
    """
    return f"21 degrees in {city}"


def test_tools_that_it_runs(provider):
    asked = {"model": f"{provider}/tools:get_weather", "tools": [get_weather], **SHARED}
    whole = list(client.beta.messages.tool_runner(**asked))
    streamed = []
    for stream in client.beta.messages.tool_runner(**asked, stream=True):
        streamed.append(stream.get_final_message())
    for messages in (whole, streamed):
        assert [message.stop_reason for message in messages] == ["tool_use", "end_turn"]


def test_parsed(provider):
    asked = {"model": f"{provider}/json", "output_format": Answer, **SHARED}
    with client.messages.stream(**asked) as stream:
        streamed = stream.get_final_message()
    for message in (client.messages.parse(**asked), client.beta.messages.parse(**asked), streamed):
        assert message.parsed_output.answer == 42


CLOUDS = {
    "bedrock": lambda key: anthropic.AnthropicBedrock(
        base_url=f"{URL}/bedrock", api_key=key, aws_region="eu-west-1", max_retries=0
    ),
    "mantle": lambda key: anthropic.AnthropicBedrockMantle(
        base_url=f"{URL}/anthropic", api_key=key, aws_region="eu-west-1", max_retries=0
    ),
    "vertex": lambda key: anthropic.AnthropicVertex(
        base_url=f"{URL}/v1", region="europe-west1", project_id="p", access_token=key, max_retries=0
    ),
    "foundry": lambda key: anthropic.AnthropicFoundry(base_url=f"{URL}/anthropic", api_key=key, max_retries=0),
}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_clients_of_clouds(cloud, provider):
    by = CLOUDS[cloud](KEY)
    assert by.messages.create(model=f"{provider}/ok", **SHARED).stop_reason == "end_turn"
    with by.messages.stream(model=f"{provider}/ok", **SHARED) as stream:
        assert stream.get_final_text()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_clients_of_clouds_are_refused(cloud):
    with pytest.raises((anthropic.AuthenticationError, anthropic.PermissionDeniedError)):
        CLOUDS[cloud]("hg-nobody-knows-this-one").messages.create(model="an/ok", **SHARED)
    with pytest.raises(anthropic.NotFoundError):
        CLOUDS[cloud](KEY).messages.create(model="nobody-has-this", **SHARED)


ASKS = {
    "messages": lambda by: by.messages.create(model="an/ok", **SHARED),
    "tokens": lambda by: by.messages.count_tokens(model="an/ok", messages=HELLO),
    "batches": lambda by: by.messages.batches.list(),
    "models": lambda by: by.models.list(),
    "files": lambda by: by.beta.files.list(),
    "skills": lambda by: by.beta.skills.list(),
    "agents": lambda by: by.beta.agents.list(),
    "sessions": lambda by: by.beta.sessions.list(),
    "environments": lambda by: by.beta.environments.list(),
    "vaults": lambda by: by.beta.vaults.list(),
    "memory stores": lambda by: by.beta.memory_stores.list(),
    "deployments": lambda by: by.beta.deployments.list(),
    "dreams": lambda by: by.beta.dreams.list(),
    "user profiles": lambda by: by.beta.user_profiles.list(),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("shown", ["api_key", "auth_token"])
def test_a_wrong_key_is_told_as_anthropic_tells_it(ask, shown):
    with pytest.raises(anthropic.AuthenticationError) as raised:
        ask(anthropic.Anthropic(base_url=URL, max_retries=0, **{shown: "sk-ant-nobody-knows-this"}))
    assert raised.value.body["error"]["type"] == "authentication_error"
    assert raised.value.request_id
