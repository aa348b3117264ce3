"""An encrypted file as pages in clear and their seals: so it compresses, and comes back byte for byte.

SQLCipher 4 with a raw key: pages of 4096 bytes, AES-256-CBC, at the end of each page its initial vector (16) and its
HMAC (64); the file begins with its salt instead of SQLite's own first bytes. Seals are kept, never made here.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, VECTOR, SEAL, SALT = 4096, 16, 80, 16
CLEAR_BEGIN = b"SQLite format 3\0"


def opened(content: bytes, key: bytes) -> tuple[bytes, bytes]:
    """Return the pages in clear, and salt and seals."""
    assert len(content) % PAGE == 0, "not a folded SQLCipher file"
    clear, seals = bytearray(), bytearray(content[:SALT])
    for start in range(0, len(content), PAGE):
        skip = SALT if start == 0 else 0
        seal = content[start + PAGE - SEAL : start + PAGE]
        decryptor = Cipher(algorithms.AES(key), modes.CBC(seal[:VECTOR])).decryptor()
        clear += CLEAR_BEGIN[:skip] + decryptor.update(content[start + skip : start + PAGE - SEAL])
        clear += decryptor.finalize()
        seals += seal
    return bytes(clear), bytes(seals)


def sealed(clear: bytes, seals: bytes, key: bytes) -> bytes:
    """Return the file that ``opened`` was given."""
    content, inner = bytearray(), PAGE - SEAL
    for number in range(len(clear) // inner):
        skip = SALT if number == 0 else 0
        seal = seals[SALT + number * SEAL : SALT + (number + 1) * SEAL]
        encryptor = Cipher(algorithms.AES(key), modes.CBC(seal[:VECTOR])).encryptor()
        content += seals[:skip] + encryptor.update(clear[number * inner + skip : (number + 1) * inner])
        content += encryptor.finalize() + seal
    return bytes(content)
