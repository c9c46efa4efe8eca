/// The command of a client that waits until so many bytes are in the file, and then gives up, as its user would.
///
/// By bytes and not by time, so that a busy machine makes it slower, not wrong. Its exit status is 143.
func curlUntil(_ count: Int, in file: String, _ arguments: String) -> String {
    """
    curl -sS -N -o \(file) \(arguments) & CURL=$!
    i=0
    until [ "$(stat -c %s \(file) 2>/dev/null || echo 0)" -ge \(count) ] || [ $i -ge 800 ]; do i=$((i+1)); sleep 0.05; done
    kill $CURL; wait $CURL
    """
}
