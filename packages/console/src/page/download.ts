/** Saves bytes or text as a file on the user's computer. */
export function download(name: string, type: string, content: string | Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The click has started the download; the object can be released once the browser has processed it.
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
