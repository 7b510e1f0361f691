"""${{ values.name }}: a service that answers."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        is_known = self.path in ("/", "/healthz")
        self.send_response(200 if is_known else 404)
        self.end_headers()
        self.wfile.write(b"ok\n" if is_known else b"not found\n")


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
