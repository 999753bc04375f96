const oneDigit = /^\+([17])/;
// ITU-T E.164 (list of assigned country codes): every other code has three digits.
const twoDigits = /^\+(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const threeDigits = /^\+(\d{3})/;

/** The country code of an international number, such as `+82`; undefined for anything else. */
export function countryCodeOf(number: string): string | undefined {
  const digits = (oneDigit.exec(number) ?? twoDigits.exec(number) ?? threeDigits.exec(number))?.[1];
  return digits === undefined ? undefined : `+${digits}`;
}
