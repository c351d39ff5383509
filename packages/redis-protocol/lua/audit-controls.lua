--- Whether claims are told of what is paused: `meta` says if they have to look for it.
--- @flags allow-oom
--- @keys meta records queues controls
--- @args repairs
--- @reply a finding, if there is one: code, an empty id, how many pauses there are, 1 if it was mended
--- @use clock plan pauses

local refusal = version(meta)
if refusal then return refusal end

local count = 0
for _, field in ipairs(redis.call('HKEYS', controls)) do
  if isPauseField(field) then count = count + 1 end
end
if HAS_PAUSES == (count > 0) then return '' end
if repairs == '1' then put(meta, 'paused', count > 0 and '1' or false) end
commit(records, queues, meta)
return table.concat({ 'unheeded_pause', '', count, repairs }, '\31')
