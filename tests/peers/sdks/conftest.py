"""The gateway that the SDKs call, and the upstreams behind it: one provider for each dialect, which does what the model's
name says (tests/kit/mock-upstream.ts)."""

import os

import pytest

URL = os.environ["HEADGATE_URL"]
KEY = os.environ["HEADGATE_KEY"]
OTHER = os.environ["HEADGATE_OTHER_KEY"]
AWS_PAIR = (os.environ["HEADGATE_AWS_ID"], os.environ["HEADGATE_AWS_SECRET"])

PLAIN = "Hello from the mock provider, all is well."
THOUGHT = "Let me think about that first."
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TIME = {"type": "object", "properties": {"zone": {"type": "string"}}}
CALLS = [("get_weather", {"city": "Paris"}), ("get_time", {"zone": "Europe/Paris"})]
ANSWER = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}},
    "required": ["answer"],
    "additionalProperties": False,
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PROVIDERS = ["oa", "rs", "an", "ge", "be", "co"]
STATUSES = [400, 401, 403, 404, 429, 500, 503]


@pytest.fixture(params=PROVIDERS)
def provider(request):
    return request.param
