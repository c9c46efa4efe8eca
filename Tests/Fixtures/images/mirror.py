"""A deployment server and mirror with faults, for the tests of the installer.

    mirror.py FOLDER

Prints its port on 127.0.0.1, then every request as one line: path, then the Range header or "-".
/image serves FOLDER/image; its query may say what goes wrong: stall=N (silence after byte N), cut=N (the
connection ends there), norange (Range is ignored), rate=N (bytes a second). Other paths are files of FOLDER;
/report answers everything.
"""

import http.server
import os
import sys
import threading
import time
import urllib.parse

FOLDER = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path, self.headers.get("Range", "-"), flush=True)
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        if url.path == "/report":
            return self.answer(200, b"", 0, query)
        try:
            with open(os.path.join(FOLDER, url.path[1:]), "rb") as file:
                content = file.read()
        except OSError:
            return self.answer(404, b"", 0, query)
        header = self.headers.get("Range")
        if header and "norange" not in query:
            start = int(header.removeprefix("bytes=").split("-")[0])
            return self.answer(206, content, start, query)
        return self.answer(200, content, 0, query)

    def answer(self, status, content, start, query):
        def number(name):
            return int(query[name][0]) if name in query else None

        self.send_response(status)
        self.send_header("Content-Length", str(len(content) - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        position = start
        while position < len(content):
            end = min(position + 65536, len(content), number("cut") or len(content), number("stall") or len(content))
            self.wfile.write(content[position:end])
            if end == number("stall"):
                self.wfile.flush()
                time.sleep(60)
            if end in (number("stall"), number("cut")):
                self.close_connection = True
                return
            if number("rate"):
                time.sleep((end - position) / number("rate"))
            position = end

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
# Ends with the test, however that ends: its end of the pipe on standard input closes.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
