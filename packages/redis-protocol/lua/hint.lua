--- Gives the markers of lines back, for the next who waits. A line that holds nothing gets none: nobody would ever remove it.
--- @flags allow-oom
--- @keys meta records queues @lines
--- @reply 1
--- @use line plan clock

local refusal = version(meta)
if refusal then return refusal end

for _, name in ipairs(LINE_NAMES) do
  mark(LINES[name])
  EMPTIED_LINES[name] = LINES[name]
end
commit(records, queues, meta)
return 1
