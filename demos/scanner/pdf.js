// SPDX-License-Identifier: MIT
//
// The smallest PDF that holds one page with one JPEG on it: five objects and a table of where they are.

/** Points, of which an inch has 72. */
const PAPERS = { A4: [595.28, 841.89], Letter: [612, 792] };

/** What pages without a known size are taken to be printed at. */
const DOTS_PER_INCH = 200;

/**
 * @param {Uint8Array} jpeg
 * @param {{ width: number, height: number }} image
 * @param {string | null} paper its size, where that is known
 * @returns {Blob}
 */
export function makePdf(jpeg, { width, height }, paper) {
  const [short, long] = PAPERS[paper] ?? [Math.min(width, height), Math.max(width, height)].map((side) =>
    side * 72 / DOTS_PER_INCH);
  const [w, h] = (width < height ? [short, long] : [long, short]).map((side) => side.toFixed(2));
  const drawing = `q ${w} 0 0 ${h} 0 0 cm /Scan Do Q`;
  const objects = [
    ['<< /Type /Catalog /Pages 2 0 R >>'],
    ['<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${w} ${h}] /Contents 4 0 R /Resources << /XObject << /Scan 5 0 R ` +
      '>> >> >>'],
    [`<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`],
    [`<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 ` +
      `/Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`, jpeg, '\nendstream'],
  ];
  const parts = ['%PDF-1.4\n'];
  const places = objects.map((content, index) => {
    const place = sizeOf(parts);
    parts.push(`${index + 1} 0 obj\n`, ...content, '\nendobj\n');
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}` +
    `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${sizeOf(parts)}\n%%EOF\n`);
  return new Blob(parts, { type: 'application/pdf' });
}

/** @param {(string | Uint8Array)[]} parts all text is ASCII */
const sizeOf = (parts) => parts.reduce((sum, part) => sum + part.length, 0);
