"""The shapes of requests and responses, as OpenAPI describes them."""
