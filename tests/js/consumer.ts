// SPDX-License-Identifier: MIT
//
// A program in TypeScript that uses the package as its types say: package.test.js has it checked, and never runs it.
import { loadModel, OctavoError, Tensor, type ErrorCode, type LoadOptions, type Model } from 'octavo';
import { letterbox, resize } from 'octavo/image';

export async function use(file: File, signal: AbortSignal): Promise<number> {
  const model: Model = await loadModel(file, {
    integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    cache: true,
    worker: () => new Worker('worker.js', { type: 'module' }),
    wasm: { url: '/assets/' },
    variant: 'relaxed_u8',
    signal,
    onProgress: ({ loaded, total }) => console.log(loaded / (total ?? NaN)),
  });
  const { image } = await letterbox(new ImageData(4, 4), { width: 2, height: 2 });
  const { mask } = await model.run(
    {
      image: await resize(image, { width: 1, height: 1 }),
      ids: new Tensor('int64', [1], [1n]),
      weights: { data: new Float32Array(4), shape: [2, 2] },
      flags: Uint8Array.of(1),
    },
    { signal, transfer: true },
  );
  const { steps } = await model.profile({ image }, { runs: 3 });
  await model.prepare({ image: [1, 3, 224, 224] });
  const total: number | undefined = model.memory?.total;
  // @ts-expect-error there is no such variant
  await loadModel('model.onnx', { variant: 'avx2' });
  // @ts-expect-error there is no such element type
  new Tensor('float8', [1], [1]);
  await model.dispose();
  return mask.data.length + steps[0].ms + (total ?? 0);
}

export const options: LoadOptions = { worker: false };

export const isMine = (code: ErrorCode): boolean => code === 'invalid_argument' || code === 'invalid_shape';

export const explain = (error: unknown): string =>
  error instanceof OctavoError
    ? `${error.code}: ${error.message} ${error.node ?? ''} ${error.hint ?? ''}`
    : String(error);
