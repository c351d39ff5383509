--- Gives the markers of lines back, for the next who waits. A line that is paused gets none, nor one that holds nothing: nobody would ever remove it.
--- @flags allow-oom
--- @keys meta records queues controls @lines
--- @reply 1
--- @use line plan clock pauses

local refusal = version(meta)
if refusal then return refusal end

heedPauses(controls, LINE_NAMES)
for _, name in ipairs(LINE_NAMES) do
  mark(LINES[name])
  EMPTIED_LINES[name] = LINES[name]
end
commit(records, queues, meta)
return 1
