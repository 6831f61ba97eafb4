// SPDX-License-Identifier: MIT
//
// The ways a photo comes in: chosen, dropped anywhere, pasted, taken with the camera, or one of the samples.

/** @param {(photo: Blob | ImageBitmap) => void} take @param {(text: string) => void} complain */
export function listenForPhotos(take, complain) {
  const file = document.querySelector('#file');
  document.querySelector('#choose').addEventListener('click', () => file.click());
  for (const input of [file, document.querySelector('#capture')]) {
    input.addEventListener('change', () => {
      if (input.files[0]) take(input.files[0]);
      input.value = '';
    });
  }
  listenForDrops(take, complain);
  addEventListener('paste', ({ clipboardData }) => {
    const picture = [...clipboardData.files].find(({ type }) => type.startsWith('image/'));
    if (picture) take(picture);
    else complain('There is no picture in the clipboard.');
  });
  for (const button of document.querySelectorAll('[data-sample]')) {
    button.addEventListener('click', () => fetchSample(button.dataset.sample).then(take, () =>
      complain('The sample could not be fetched. Are you offline?')));
  }
  document.querySelector('#use-camera').addEventListener('click', () => useCamera(take, complain));
}

function listenForDrops(take, complain) {
  const isFile = ({ dataTransfer }) => dataTransfer?.types.includes('Files');
  let depth = 0; // dragenter and dragleave come for every element on the way
  const mark = (change) => document.body.classList.toggle('is-dropping', (depth = Math.max(0, depth + change)) > 0);
  addEventListener('dragenter', (event) => isFile(event) && mark(1));
  addEventListener('dragleave', (event) => isFile(event) && mark(-1));
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    mark(-Infinity);
    const [dropped] = event.dataTransfer.files;
    if (dropped) take(dropped);
    else complain('That was no file. Drop a photo.');
  });
}

async function fetchSample(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(String(response.status));
  return response.blob();
}

/** A phone's own camera takes better photos than a video frame; elsewhere there is a live picture with a shutter. */
async function useCamera(take, complain) {
  if (matchMedia('(pointer: coarse)').matches) return document.querySelector('#capture').click();
  const dialog = document.querySelector('#camera');
  const video = dialog.querySelector('video');
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 4096 }, height: { ideal: 4096 } },
    });
  } catch {
    return complain('There is no camera here, or it may not be used.');
  }
  const end = new AbortController();
  const on = (selector, handler) =>
    dialog.querySelector(selector).addEventListener('click', handler, { signal: end.signal });
  on('#shoot', async () => {
    take(await createImageBitmap(video));
    dialog.close();
  });
  on('#no-camera', () => dialog.close());
  dialog.addEventListener('close', () => {
    end.abort();
    video.srcObject.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }, { once: true });
  dialog.showModal();
  video.play();
}
