"""Small files that our own examinations can read, made here."""

from __future__ import annotations

import io
import wave

from PIL import Image

from muniment.testing.examination import Example


def picture(form: str, declared: str) -> Example:
    written = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(written, form)
    return Example(written.getvalue(), f"gradient.{form.lower()}", declared)


def sound() -> Example:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return Example(written.getvalue(), "silence.wav", "audio/wav")


PICTURES = (picture("JPEG", "image/jpeg"), picture("PNG", "image/png"), picture("GIF", "image/gif"))
BY_NAME = {
    "credentials": PICTURES,
    "format": (*PICTURES, Example(b"a,b\n1,2\n", "table.csv", "text/csv")),
    "image_metadata": PICTURES,
    "thumbnail": PICTURES,
    "video_metadata": (sound(),),
}
