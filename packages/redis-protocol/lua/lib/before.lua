--- The order of texts by their bytes, which is that of the indexes. `<` on texts goes by the language of the server's environment instead.

--- Per text its bytes, as numbers of six of them each.
local WEIGHTS = {}

local function weightsOf(text)
  local weights = {}
  for at = 1, #text, 6 do
    local a, b, c, d, e, f = string.byte(text, at, at + 5)
    local upper = ((a + 1) * 257 + (b or -1) + 1) * 257 + (c or -1) + 1
    weights[#weights + 1] = ((upper * 257 + (d or -1) + 1) * 257 + (e or -1) + 1) * 257 + (f or -1) + 1
  end
  WEIGHTS[text] = weights
  return weights
end

local function isBefore(a, b)
  if a == b then return false end
  local left, right = WEIGHTS[a] or weightsOf(a), WEIGHTS[b] or weightsOf(b)
  local at = 1
  while left[at] == right[at] do at = at + 1 end
  return (left[at] or 0) < (right[at] or 0)
end

--- Entries of an index: by score, those of one score by id.
local function precedes(a, b) return a.score < b.score or (a.score == b.score and isBefore(a.id, b.id)) end
