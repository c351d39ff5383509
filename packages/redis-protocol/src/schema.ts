/** The form of what is stored. A higher major is refused; `lua/lib/clock.lua` compares it. */
export const SCHEMA = '1.0'
