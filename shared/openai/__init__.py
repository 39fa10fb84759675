"""The fixed request and the response object of the Responses API."""
