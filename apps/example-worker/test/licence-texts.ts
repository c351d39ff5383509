/** The telling parts of well-known licences, with the line breaks and decorations that they have in the wild. */
const PERMISSION =
  'Permission to use, copy, modify, and/or distribute this software for any\npurpose with or without fee is hereby granted'
const REDISTRIBUTION =
  'Redistribution and use in source and binary forms, with or without\nmodification, are permitted provided that'

export const TEXTS: Readonly<Record<string, string>> = {
  MIT: `The MIT License (MIT)\n\nCopyright (c) 2020 A. Person\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software [...]\n\nThe above copyright notice and this permission notice shall be included in all\ncopies.`,
  'MIT-0': `MIT No Attribution\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this\nsoftware [...] to do so.\n\nTHE SOFTWARE IS PROVIDED "AS IS"`,
  ISC: `ISC License\n\nCopyright (c) 2020\n\n${PERMISSION}, provided that the above\ncopyright notice and this permission notice appear in all copies.`,
  '0BSD': `${PERMISSION}.\n\nTHE SOFTWARE IS PROVIDED "AS IS"`,
  'Apache-2.0': `                                 Apache License\n                           Version 2.0, January 2004\n                        http://www.apache.org/licenses/`,
  'BSD-2-Clause': `BSD 2-Clause License\n\n${REDISTRIBUTION} the following conditions are met:\n\n* Redistributions of source code must retain`,
  'BSD-3-Clause': `${REDISTRIBUTION}\n\n   * Neither the name of the copyright holder nor the names of its\n     contributors may be used to endorse`,
  'BSD-4-Clause': `${REDISTRIBUTION}\n\n3. All advertising materials mentioning features or use`,
  'MPL-2.0': `Mozilla Public License Version 2.0\n==================================\n\n1. Definitions`,
  Unlicense: `This is free and unencumbered software released into the public domain.\n\nAnyone is free to copy`,
  'GPL-3.0': `                    GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007`,
  'LGPL-2.1': `\t\t  GNU LESSER GENERAL PUBLIC LICENSE\n\t\t       Version 2.1, February 1999`,
  'AGPL-3.0': `GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007`,
}
