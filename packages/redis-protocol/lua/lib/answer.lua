--- The outcome of a record, and where it lies.
--- @use record plan

--- Lets a record show another outcome. A larger one lies in `results`: then `large` is its text, and the record only says so.
local function answer(record, results, shown, large)
  local before = answerOf(record) or ''
  local first = string.sub(before, 1, 1)
  record.answer = shown
  if large ~= '' then
    put(results, record.id, large)
  elseif first == 'R' or first == 'E' then
    drop(results, record.id)
  end
end

--- Whether the outcome lies in `results`.
local function isAside(record)
  local first = string.sub(answerOf(record) or '', 1, 1)
  return first == 'R' or first == 'E'
end
