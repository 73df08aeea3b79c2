"""Endpoints beside conversations, by the SDKs of those who have them, to upstreams of several dialects."""

import openai
import pytest
from conftest import KEY, URL

import cohere
from google import genai

client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
gemini = genai.Client(api_key=KEY, http_options={"base_url": URL, "api_version": "v1beta"})
vertex = genai.Client(vertexai=True, api_key=KEY, http_options={"base_url": URL})
co = cohere.ClientV2(api_key=KEY, base_url=URL)
first = cohere.Client(api_key=KEY, base_url=URL)
EMBEDDERS = ["oa", "ge", "co"]


@pytest.mark.parametrize("by", EMBEDDERS)
class TestEmbeddings:
    def test_openai(self, by):
        model = f"{by}/embed"
        # What the SDK asks for by itself is base64.
        for more in ({}, {"encoding_format": "float"}, {"dimensions": 3}):
            answer = client.embeddings.create(model=model, input=["a", "bb"], **more)
            assert [one.embedding for one in answer.data] == [[0.125, 0, -0.25], [0.25, 1, -0.25]]
            assert [one.index for one in answer.data] == [0, 1]
            assert answer.usage.prompt_tokens == 6

    def test_more_than_one_request_takes(self, by):
        answer = client.embeddings.create(model=f"{by}/embed", input=["x"] * 300)
        assert [one.index for one in answer.data] == list(range(300))

    def test_gemini(self, by):
        config = {"task_type": "RETRIEVAL_DOCUMENT", "output_dimensionality": 3}
        answer = gemini.models.embed_content(model=f"{by}/embed", contents=["a", "bb"], config=config)
        assert [one.values for one in answer.embeddings] == [[0.125, 0, -0.25], [0.25, 1, -0.25]]

    def test_vertex(self, by):
        config = {"task_type": "RETRIEVAL_DOCUMENT", "output_dimensionality": 3, "auto_truncate": True}
        answer = vertex.models.embed_content(model=f"{by}/embed", contents=["a", "bb"], config=config)
        assert [one.values for one in answer.embeddings] == [[0.125, 0, -0.25], [0.25, 1, -0.25]]
        assert sum(one.statistics.token_count for one in answer.embeddings) == 6
        assert answer.metadata.billable_character_count == 3
        # Newer models are asked by another verb.
        one = vertex.models.embed_content(model=f"{by}/gemini-embed", contents="a", config=config)
        assert [one.values for one in one.embeddings] == [[0.125, 0, -0.25]]

    def test_cohere_first_api(self, by):
        more = {"texts": ["a", "bb"], "input_type": "search_document"}
        assert first.embed(model=f"{by}/embed", **more).embeddings == [[0.125, 0, -0.25], [0.25, 1, -0.25]]
        typed = first.embed(model=f"{by}/embed", embedding_types=["float"], **more)
        assert typed.embeddings.float_ == [[0.125, 0, -0.25], [0.25, 1, -0.25]]
        many = first.embed(model=f"{by}/embed", texts=["x"] * 90, input_type="search_query")
        assert len(many.embeddings) == 90

    def test_cohere(self, by):
        more = {"input_type": "search_document", "embedding_types": ["float"]}
        answer = co.embed(model=f"{by}/embed", texts=["a", "bb"], **more)
        assert answer.embeddings.float_ == [[0.125, 0, -0.25], [0.25, 1, -0.25]]


def test_tokens_are_taken_by_models_that_know_them():
    answer = client.embeddings.create(model="oa/embed", input=[[1, 2, 3], [4]])
    assert [one.embedding[0] for one in answer.data] == [0.375, 0.125]
    with pytest.raises(openai.BadRequestError, match="input"):
        client.embeddings.create(model="ge/embed", input=[1, 2, 3])


@pytest.mark.parametrize("by", ["oa", "co"])
def test_rerank(by):
    answer = co.rerank(model=f"{by}/rank", query="b", documents=["a", "b"], top_n=1)
    assert [one.index for one in answer.results] == [1]


def test_tokens_of_cohere():
    assert co.tokenize(model="co/ok", text="hello", offline=False)
    assert co.detokenize(model="co/ok", tokens=[1], offline=False)


def test_what_is_kept_at_a_provider():
    asked = {"model": "oa/ok", "messages": [{"role": "user", "content": "hello"}], "store": True}
    whole = client.chat.completions.create(**asked).id
    streamed = [chunk.id for chunk in client.chat.completions.create(**asked, stream=True)][0]
    for kept in (whole, streamed):
        assert client.chat.completions.retrieve(kept)
        client.chat.completions.update(kept, metadata={"a": "b"})
        client.chat.completions.delete(kept)
    store = client.vector_stores.create(name="x").id
    client.vector_stores.files.list(store)
    client.vector_stores.file_batches.retrieve("vsfb_1", vector_store_id=store)
    container = client.containers.create(name="x").id
    assert client.containers.files.content.retrieve("cfile_1", container_id=container).read()
    upload = client.uploads.create(bytes=5, filename="f", mime_type="text/plain", purpose="batch").id
    client.uploads.parts.create(upload, data=b"12345")
    client.uploads.complete(upload, part_ids=["part_1"])
    for ask in (client.vector_stores.retrieve, client.containers.retrieve, client.chat.completions.retrieve):
        with pytest.raises(openai.NotFoundError):
            ask("other_1")


def test_azure_names_its_deployment_as_a_model():
    azure = openai.AzureOpenAI(azure_endpoint=f"{URL}/azure", api_key=KEY, api_version="2024-10-21", max_retries=0)
    answer = azure.chat.completions.create(model="oa/ok", messages=[{"role": "user", "content": "hello"}])
    assert answer.choices[0].message.content
    assert azure.embeddings.create(model="oa/embed", input="a").data[0].embedding


def test_moderation():
    answer = client.moderations.create(model="oa/omni-moderation-latest", input=["kill", "kiss"])
    assert [one.flagged for one in answer.results] == [True, False]


def test_pictures():
    assert client.images.generate(model="oa/gpt-image-1", prompt="x").data[0].b64_json
    events = client.images.generate(model="oa/gpt-image-1", prompt="x", stream=True, partial_images=1)
    assert [event.type for event in events][-1] == "image_generation.completed"


def test_completion():
    answer = client.completions.create(model="an/ok", prompt="hello", max_tokens=100)
    assert (answer.object, answer.choices[0].finish_reason) == ("text_completion", "stop")


def test_models():
    assert "fast" in [model.id for model in client.models.list()]
    assert client.models.retrieve("fast").object == "model"
