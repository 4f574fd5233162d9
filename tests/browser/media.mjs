// Small files of each kind that a gallery shows.

/** A tone of so many seconds. */
export function wav(seconds) {
  const rate = 16_000;
  const bytes = Buffer.alloc(44 + rate * seconds, 128);
  bytes.write("RIFF");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  // PCM, one channel, a byte for each sample.
  [1, 1].forEach((value, place) => bytes.writeUInt16LE(value, 20 + 2 * place));
  [rate, rate].forEach((value, place) => bytes.writeUInt32LE(value, 24 + 4 * place));
  [1, 8].forEach((value, place) => bytes.writeUInt16LE(value, 32 + 2 * place));
  bytes.write("data", 36);
  bytes.writeUInt32LE(rate * seconds, 40);
  return bytes;
}

/** A photo and a video, drawn and recorded by the browser. */
export async function drawn(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const made = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 480 });
    const pen = canvas.getContext("2d");
    const paint = (hue) => {
      pen.fillStyle = `hsl(${hue} 60% 50%)`;
      pen.fillRect(0, 0, 160, 480);
    };
    const text = async (blob) => {
      const url = await new Promise((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.readAsDataURL(blob);
      });
      return url.slice(url.indexOf(",") + 1);
    };
    paint(200);
    const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: "video/webm;codecs=vp8" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.start();
    for (let frame = 0; frame < 45; frame += 1) {
      paint(frame * 8);
      await new Promise(requestAnimationFrame);
    }
    recorder.stop();
    await stopped;
    return { photo: await text(photo), video: await text(new Blob(parts)) };
  });
  await context.close();
  return { photo: Buffer.from(made.photo, "base64"), video: Buffer.from(made.video, "base64") };
}
