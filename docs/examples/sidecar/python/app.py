"""A FastAPI app that asks a model, by OpenAI's library as anybody would. It knows nothing of the gateway beside it: its library reads
OPENAI_BASE_URL and OPENAI_API_KEY, which `headgate sidecar` sets. The provider's key, limits and cache stand in headgate.yaml.

    pip install -r requirements.txt
    headgate sidecar --config headgate.yaml -- python -m uvicorn app:app --port 8000
"""

import os

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from openai import APIStatusError, AsyncOpenAI

MODEL = os.environ.get("MODEL", "openai/gpt-4o-mini")
app = FastAPI()
client = AsyncOpenAI(max_retries=0)


def question(q: str) -> dict:
    return {"model": MODEL, "temperature": 0, "messages": [{"role": "user", "content": q}]}


@app.get("/ask")
async def ask(q: str):
    answer = await client.chat.completions.create(**question(q))
    return {"answer": answer.choices[0].message.content}


@app.get("/stream")
async def stream(q: str):
    chunks = await client.chat.completions.create(**question(q), stream=True)

    async def pieces():
        async for chunk in chunks:
            for choice in chunk.choices:
                if choice.delta.content:
                    yield choice.delta.content

    return StreamingResponse(pieces(), media_type="text/plain")


@app.exception_handler(APIStatusError)
async def refused(_request: Request, error: APIStatusError):
    return JSONResponse({"refused": error.message}, status_code=error.status_code)
