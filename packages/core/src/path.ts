/** The way to a part of a value, as its reader would write it: `input.user.tags[3]`, `input["a b"]`. */
export function pathText(root: string, steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => path + stepText(step), root)
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
}
