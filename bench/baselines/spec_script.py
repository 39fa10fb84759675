"""The specification's own polling script, its question shortened."""

import time

import openai

client = openai.OpenAI()

resp = client.responses.create(
    model="gpt-5-pro",
    input="Why?",
    background=True,
    metadata={"task_id": "task_of_the_script"},
)

response_id = resp.id
print("Started background job:", response_id)

while True:
    status_resp = client.responses.retrieve(response_id)
    status = status_resp.status

    if status in ("completed", "failed", "cancelled"):
        break

    time.sleep(61)
