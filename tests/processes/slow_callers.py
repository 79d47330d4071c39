"""Callers who send a byte a second, in a process of its own: `python slow_callers.py PORT KEY COUNT`.

Half of them never finish their headers, half never finish their body. Whoever is cut off comes again. It prints a line
when all are connected, and ends when its standard input does.
"""

import asyncio
import sys
from typing import Final

LINE: Final = b"POST /v1/enrich/phone HTTP/1.1\r\nHost: a\r\n"


async def dawdle(port: int, begin: bytes, connected: asyncio.Semaphore) -> None:
    """Be one of them."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            connected.release()
            writer.write(begin)
            while not reader.at_eof():
                await asyncio.sleep(1)
                writer.write(b"a")
            writer.close()
        except OSError:
            await asyncio.sleep(0.1)


async def main(port: int, key: str, count: int) -> None:
    """Run until standard input ends."""
    body = b"Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n" % key.encode()
    connected = asyncio.Semaphore(0)
    begins = [LINE + (b"X: " if number % 2 else body) for number in range(count)]
    crowd = [asyncio.ensure_future(dawdle(port, begin, connected)) for begin in begins]
    for _ in range(count):
        await connected.acquire()
    print("connected", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for one in crowd:
        one.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
