// Amounts as people write them, "1.50", and quantities as processes count them, 150n.

export function formatAmount(quantity: bigint, denomination: number): string {
  const digits = String(quantity).padStart(denomination + 1, '0')
  const whole = digits.slice(0, digits.length - denomination)
  const fraction = digits.slice(digits.length - denomination)
  const grouped = BigInt(whole).toLocaleString('en')
  return fraction ? `${grouped}.${fraction}` : grouped
}

/** `undefined` if the text is no amount, has too many decimals, or is zero. */
export function parseAmount(text: string, denomination: number): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d*))?$/.exec(text.trim()) ?? []
  if (whole === undefined || fraction.length > denomination) return undefined
  const quantity = BigInt(whole + fraction.padEnd(denomination, '0'))
  return quantity > 0n ? quantity : undefined
}

/** The first and last characters of an address. */
export const shorten = (address: string) =>
  address.length > 12 ? `${address.slice(0, 5)}…${address.slice(-5)}` : address
