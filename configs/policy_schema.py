"""The published JSON Schema of policy files, for editors and for systems that are not written in Python."""

import json

from phonegrade.configs.policy import PolicyFile

SCHEMA_FILE = "policy.schema.json"


def policy_schema() -> str:
    """The schema as a JSON text; a policy that fits it may still contradict itself, which only parsing tells."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PolicyFile.model_json_schema(),
        "title": "phonegrade grading policy",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
