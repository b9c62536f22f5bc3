// The camera: opened at the finest it has, frames for the guide, stills for the case.

/** Why there is no camera, as a text's key. @param {unknown} error */
export function whyNot(error) {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return 'capture.why_insecure';
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'capture.why_denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'capture.why_none' : 'capture.why_failed';
}

const STILL_MS = 4000;

export class Camera {
  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.video = video;
    this.stream = null;
    this.capture = null;
  }

  /** Ask for the camera at the back and its finest picture; without `ideal`, iOS gives 640 × 480. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new Error('no camera here');
    const wanted = { facingMode: { ideal: 'environment' }, width: { ideal: 3840 }, height: { ideal: 2160 } };
    this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    this.video.srcObject = this.stream;
    await this.video.play();
    const [track] = this.stream.getVideoTracks();
    if ('ImageCapture' in window) {
      try {
        this.capture = new ImageCapture(track);
      } catch {
        this.capture = null;
      }
    }
    this.track = track;
    this.hasTorch = Boolean(track.getCapabilities?.().torch);
    return this;
  }

  get longPx() {
    return Math.max(this.video.videoWidth, this.video.videoHeight);
  }

  /** @param {boolean} on */
  async torch(on) {
    await this.track.applyConstraints({ advanced: [{ torch: on }] });
  }

  /** Wait for the next frame. */
  next() {
    const { video } = this;
    return new Promise((resolve) => {
      if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => resolve(undefined));
      else requestAnimationFrame(() => resolve(undefined));
    });
  }

  /** The frame that is shown, small enough to be judged. @param {number} px its long side */
  small(px) {
    const { videoWidth: width, videoHeight: height } = this.video;
    const scale = Math.min(1, px / Math.max(width, height));
    const size = { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale), resizeQuality: 'high' };
    return createImageBitmap(this.video, /** @type {ImageBitmapOptions} */ (size)).catch(() => createImageBitmap(this.video));
  }

  /** The frame that is shown, whole. */
  whole() {
    return createImageBitmap(this.video);
  }

  /** A photo by the camera itself; null where it takes none. @returns {Promise<Blob | null>} */
  async still() {
    if (!this.capture) return null;
    const late = new Promise((resolve) => setTimeout(() => resolve(null), STILL_MS));
    try {
      return await Promise.race([this.capture.takePhoto(), late]);
    } catch {
      return null;
    }
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.video.srcObject = null;
    this.stream = null;
  }
}

/** A frame as a JPEG file. @param {ImageBitmap} bitmap @returns {Promise<Blob>} */
export function jpegOf(bitmap) {
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.92));
}
