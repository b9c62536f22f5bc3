// Where photos come from: a camera that is fixed over the tray, or a folder that a rig writes into.
import { signal } from '../common/html.js';
import { wait } from '../common/api.js';

/** @type {import('../vendor/signals.js').Signal<any>} The folder of a rig; null uses the camera. */
export const folder = signal(null);

export async function chooseFolder() {
  folder.value = await window.showDirectoryPicker({ mode: 'read' });
}

/** The largest picture that the camera gives. @returns {Promise<MediaStream>} */
export const camera = () => navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 3840 }, height: { ideal: 2160 } } });

/** @param {MediaStream} stream @param {HTMLVideoElement} video @returns {Promise<Blob>} */
export async function photoOf(stream, video) {
  const [track] = stream.getVideoTracks();
  if (window.ImageCapture) {
    try {
      return await new ImageCapture(track).takePhoto();
    } catch {
      // some cameras open but take no photos: the frame that is shown has to do
    }
  }
  const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d').drawImage(video, 0, 0);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('no picture'))), 'image/jpeg', 0.95));
}

const known = new Map();

/** What lies in the folder now is not this customer's. */
export async function startWatching() {
  known.clear();
  for (const [name, file] of await files()) known.set(name, file.lastModified);
}

/** Wait for the next picture in the folder, complete: its size has to stand still. @param {AbortSignal} stop @returns {Promise<Blob>} */
export async function nextFile(stop) {
  const sizes = new Map();
  while (!stop.aborted) {
    for (const [name, file] of await files()) {
      if (known.get(name) === file.lastModified) continue;
      if (file.size && sizes.get(name) === file.size) {
        known.set(name, file.lastModified);
        return new Blob([await file.arrayBuffer()], { type: file.type || 'image/jpeg' });
      }
      sizes.set(name, file.size);
    }
    await wait(250);
  }
  throw new DOMException('stopped', 'AbortError');
}

async function files() {
  const found = [];
  for await (const [name, handle] of folder.value.entries()) {
    if (handle.kind === 'file' && /\.(jpe?g|png|webp|heic)$/i.test(name)) found.push([name, await handle.getFile()]);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}
