--- What is paused, as it was said.
--- @flags no-writes
--- @keys meta controls
--- @reply the fields of `controls` that say so
--- @use clock pauses

local refusal = version(meta)
if refusal then return refusal end

local fields = {}
for _, field in ipairs(redis.call('HKEYS', controls)) do
  if isPauseField(field) then fields[#fields + 1] = field end
end
return table.concat(fields, '\n')
