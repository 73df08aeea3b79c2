"""What Google, AWS and Cohere keep for a key, by their SDKs: whole lives of objects, which nobody else can see, use or end."""

import io
import warnings

import boto3
import cohere
import pytest
from botocore.exceptions import ClientError
from conftest import AWS_PAIR, KEY, OTHER, URL
from google import genai
from google.genai import errors, types

warnings.simplefilter("ignore")
SAID = [{"role": "user", "parts": [{"text": "hello"}]}]


def google(key, **options):
    return genai.Client(api_key=key, http_options={"base_url": URL, **options})


mine, yours = google(KEY), google(OTHER)


def is_none_of_theirs(*asks):
    for ask in asks:
        with pytest.raises(errors.ClientError) as raised:
            ask()
        assert (raised.value.code, raised.value.status) == (404, "NOT_FOUND")


def test_files_of_google():
    file = mine.files.upload(file=io.BytesIO(b"some words"), config={"mime_type": "text/plain"})
    assert (file.size_bytes, file.state) == (10, types.FileState.ACTIVE)
    assert mine.files.get(name=file.name).name == file.name
    assert mine.files.download(file=file) == b"some words"
    assert file.name in [one.name for one in mine.files.list()]
    assert file.name not in [one.name for one in yours.files.list()]
    is_none_of_theirs(
        lambda: yours.files.get(name=file.name),
        lambda: yours.files.download(file=file),
        lambda: yours.files.delete(name=file.name),
        lambda: yours.batches.create(model="gemini-3-flash", src=file.name),
        lambda: yours.models.generate_content(model="gemini/kept", contents=[file, "What is it?"]),
    )
    mine.files.delete(name=file.name)
    is_none_of_theirs(lambda: mine.files.get(name=file.name))


def test_caches_of_google():
    kept = mine.caches.create(model="gemini-3-flash", config={"contents": ["long"], "ttl": "300s"})
    assert mine.caches.get(name=kept.name).name == kept.name
    assert mine.caches.update(name=kept.name, config={"ttl": "600s"}).name == kept.name
    assert kept.name in [one.name for one in mine.caches.list()]
    assert kept.name not in [one.name for one in yours.caches.list()]
    is_none_of_theirs(
        lambda: yours.caches.get(name=kept.name),
        lambda: yours.caches.delete(name=kept.name),
        lambda: yours.models.generate_content(
            model="gemini/kept", contents="x", config={"cached_content": kept.name}
        ),
    )
    mine.caches.delete(name=kept.name)


@pytest.mark.parametrize("model", ["gemini-3-flash", "gemini/gemini-3-flash"])
def test_batches_of_google(model):
    batch = mine.batches.create(model=model, src=[{"contents": SAID}])
    assert mine.batches.get(name=batch.name).name == batch.name
    assert batch.name in [one.name for one in mine.batches.list()]
    assert batch.name not in [one.name for one in yours.batches.list()]
    is_none_of_theirs(
        lambda: yours.batches.get(name=batch.name),
        lambda: yours.batches.cancel(name=batch.name),
        lambda: yours.batches.delete(name=batch.name),
    )
    mine.batches.cancel(name=batch.name)
    mine.batches.delete(name=batch.name)
    assert mine.batches.create_embeddings(model=model, src={"inlined_requests": {"contents": ["x"]}}).name


def test_stores_of_google():
    store = mine.file_search_stores.create(config={"display_name": "papers"})
    text = io.BytesIO(b"some words")
    upload = mine.file_search_stores.upload_to_file_search_store
    assert upload(file_search_store_name=store.name, file=text, config={"mime_type": "text/plain"}).done
    [document] = mine.file_search_stores.documents.list(parent=store.name)
    assert mine.file_search_stores.documents.get(name=document.name).name == document.name
    file = mine.files.upload(file=io.BytesIO(b"more"), config={"mime_type": "text/plain"})
    imported = mine.file_search_stores.import_file(file_search_store_name=store.name, file_name=file.name)
    assert mine.operations.get(imported).done
    assert store.name not in [one.name for one in yours.file_search_stores.list()]
    own = yours.file_search_stores.create()
    search = types.Tool(file_search=types.FileSearch(file_search_store_names=[store.name]))
    is_none_of_theirs(
        lambda: yours.file_search_stores.get(name=store.name),
        lambda: yours.file_search_stores.documents.get(name=document.name),
        lambda: list(yours.file_search_stores.documents.list(parent=store.name)),
        lambda: yours.file_search_stores.import_file(file_search_store_name=own.name, file_name=file.name),
        lambda: yours.models.generate_content(model="gemini/kept", contents="x", config={"tools": [search]}),
    )
    mine.file_search_stores.delete(name=store.name)


def test_tokens_for_live():
    # A client that nobody holds is closed.
    by = google(KEY, api_version="v1alpha")
    assert by.auth_tokens.create(config={"uses": 1}).name.startswith("auth_tokens/")
    stranger = google("hg-nobody-0123456789abcdef", api_version="v1alpha")
    with pytest.raises(errors.ClientError) as raised:
        stranger.auth_tokens.create(config={"uses": 1})
    assert raised.value.code == 401


def gone(*asks):
    for ask in asks:
        with pytest.raises(Exception) as raised:
            ask()
        assert raised.value.status_code == 404


def test_interactions_agents_and_webhooks_of_google():
    first = mine.interactions.create(model="gemini/kept", input="hello")
    assert mine.interactions.get(first.id).id == first.id
    assert mine.interactions.create(model="gemini/kept", input="more", previous_interaction_id=first.id).id
    agent = mine.agents.create(id="my-agent", base_agent="antigravity")
    hook = mine.webhooks.create(uri="https://example.com", subscribed_events=["batch.succeeded"])
    assert mine.agents.get(agent.id).id == agent.id
    assert mine.webhooks.get(hook.id).id == hook.id
    mine.webhooks.ping(hook.id)
    gone(
        lambda: yours.interactions.get(first.id),
        lambda: yours.interactions.create(model="gemini/kept", input="x", previous_interaction_id=first.id),
        lambda: yours.agents.get(agent.id),
        lambda: yours.webhooks.get(hook.id),
        lambda: yours.webhooks.delete(hook.id),
    )
    mine.agents.delete(agent.id)
    mine.webhooks.delete(hook.id)
    assert mine.triggers.list() is not None and mine.voices.list() is not None


def aws(service, pair):
    options = {"region_name": "eu-west-1", "endpoint_url": URL}
    return boto3.client(service, aws_access_key_id=pair[0], aws_secret_access_key=pair[1], **options)


def test_jobs_of_aws():
    control, stranger = aws("bedrock", AWS_PAIR), aws("bedrock", ("HGISSUED0002", OTHER))
    job = control.create_model_invocation_job(
        jobName="night",
        roleArn="arn:aws:iam::123456789012:role/night",
        modelId="amazon.nova-lite-v1:0",
        inputDataConfig={"s3InputDataConfig": {"s3Uri": "s3://bucket/in"}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": "s3://bucket/out"}},
    )["jobArn"]
    assert control.get_model_invocation_job(jobIdentifier=job)["status"] == "Submitted"
    listed = "list_model_invocation_jobs"
    arns = [[one["jobArn"] for one in getattr(by, listed)()["invocationJobSummaries"]] for by in (control, stranger)]
    assert job in arns[0] and job not in arns[1]
    for name in (job, job.split("/")[1]):
        for ask in (stranger.get_model_invocation_job, stranger.stop_model_invocation_job):
            with pytest.raises(ClientError) as raised:
                ask(jobIdentifier=name)
            assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"
    control.stop_model_invocation_job(jobIdentifier=job)


def test_knowledge_bases_of_aws():
    found = aws("bedrock-agent-runtime", AWS_PAIR).retrieve(
        knowledgeBaseId="ABCDEFGHIJ", retrievalQuery={"text": "words"}
    )
    assert found["retrievalResults"][0]["content"]["text"] == "found"


def test_kept_by_cohere():
    client = cohere.ClientV2(api_key=KEY, base_url=URL)
    stranger = cohere.ClientV2(api_key=OTHER, base_url=URL)
    data = client.datasets.create(name="words", type="embed-input", data=("a.jsonl", b'{"text":"a"}\n')).id
    job = client.embed_jobs.create(model="embed-v4.0", dataset_id=data, input_type="search_document").job_id
    link = client.connectors.create(name="link", url="https://example.com").connector.id
    settings = {"base_model": {"base_type": "BASE_TYPE_CHAT"}, "dataset_id": data}
    tuned = client.finetuning.create_finetuned_model(request={"name": "own", "settings": settings}).finetuned_model.id
    asked = {"name": "night", "model": "command-a-03-2025", "input_dataset_id": data}
    batch = client.batches.create(request=asked).batch.id
    assert client.datasets.get(data).dataset.id == data
    assert client.embed_jobs.get(job).job_id == job
    assert client.connectors.get(link).connector.id == link
    assert client.finetuning.get_finetuned_model(tuned).finetuned_model.id == tuned
    assert client.batches.retrieve(batch).batch.id == batch
    assert data in [one.id for one in client.datasets.list().datasets]
    assert data not in [one.id for one in stranger.datasets.list().datasets]
    assert job not in [one.job_id for one in stranger.embed_jobs.list().embed_jobs or []]
    for ask in (
        lambda: stranger.datasets.get(data),
        lambda: stranger.datasets.delete(data),
        lambda: stranger.embed_jobs.create(model="embed-v4.0", dataset_id=data, input_type="search_document"),
        lambda: stranger.embed_jobs.cancel(job),
        lambda: stranger.connectors.get(link),
        lambda: stranger.finetuning.delete_finetuned_model(tuned),
        lambda: stranger.batches.cancel(batch),
    ):
        with pytest.raises(cohere.NotFoundError):
            ask()
    client.embed_jobs.cancel(job)
    client.batches.cancel(batch)
    client.datasets.delete(data)
    with pytest.raises(cohere.NotFoundError):
        client.datasets.get(data)
