// This source file is part of the swift-faust open source project.
// SPDX-License-Identifier: BSD-3-Clause

import FaustCore

/// Texts that any reader of RFC 8259 must accept, and texts that it must refuse, after the cases that Nicolas Seriot's
/// JSONTestSuite made usual.
enum JSONGrammar {
    static let accepted: [Bytes] = texts(acceptedTexts) + acceptedBytes
    static let refused: [Bytes] = texts(refusedTexts) + refusedBytes

    private static func texts(_ texts: [String]) -> [Bytes] {
        texts.map { Bytes($0) }
    }

    private static func quoted(_ content: [UInt8]) -> Bytes {
        Bytes([UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")])
    }

    private static let acceptedTexts: [String] = [
        // Structure and white space.
        "[]", "[ ]", "[\n]", "{}", "{ }", " [] ", "\t\r\n []", "[] \n", "[[]   ]", "[[],[[]]]", "[1,2,3]",
        "[1\n,1,\n2]",
        " [1]", "[2] ", "[null, 1, \"1\", {}]", "[1,null,null,null,2]", "[ 4]", "[false]", "[true]", "[null]", "[\"\"]",
        #"{"a":[]}"#, #"{"":0}"#, #"{"a":"b","a":"b"}"#, #"{"a":"b","a":"c"}"#, #"{"asd":"sdf", "dfg":"fgh"}"#,
        #"{"min": -1.0e+28, "max": 1.0e+28}"#, "{\n\"a\": \"b\"\n}", #"{ "a" : 1 , "b" : [ 2 , { } ] }"#,
        #"{"x":[{"id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}], "id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#,
        #"{"foo\u0000bar": 42}"#, #"{"title":"\u041f\u043e\u043b\u0442\u043e\u0440\u0430"}"#,
        // Scalars alone.
        "42", "-0.1", "true", "false", "null", "\"\"", "\"asd\"", " \"a\" ", "0", "-0",
        // Numbers.
        "[0]", "[-0]", "[-0.0]", "[123]", "[-123]", "[-1]", "[1.5]", "[123.456]", "[0.1]", "[0e+1]", "[0e1]", "[0E0]",
        "[1E22]", "[1E-2]", "[1E+2]", "[1e-2]", "[1e+2]", "[123e45]", "[123e65]", "[123.456e78]", "[123e-10000000]",
        "[123.456789]", "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
        "[20e1]", "[9223372036854775807]", "[-9223372036854775808]", "[9223372036854775808]", "[18446744073709551616]",
        "[100000000000000000000000000000000000000000]",
        "[0.00000000000000000000000000000000000000000000000000000000001]",
        "[1.7976931348623157e308]", "[5e-324]", "[2.2250738585072011e-308]", "[1e0001]", "[0.0e-0]",
        // Strings.
        #"["\u0060\u012a\u12AB"]"#, #"["\ud801\udc37"]"#, #"["\ud83d\ude39\ud83d\udc8d"]"#,
        #"["\"\\\/\b\f\n\r\t"]"#, #"["\\u0000"]"#, #"["\""]"#, #"["a/*b*/c/*d//e"]"#, #"["\\a"]"#, #"["\\n"]"#,
        #"["\u0012"]"#, #"["\uFFFF"]"#, #"["\uDBFF\uDFFF"]"#, #"["new\u00A0line"]"#, #"["\u0000"]"#, #"["\u002c"]"#,
        #"["\uD834\uDd1e"]"#, #"["\u0821"]"#, #"["\u0123"]"#, #"["\u2028\u2029"]"#, #"["\u0061\u30af\u30EA\u30b9"]"#,
        #"["new\u000Aline"]"#, #"["\uA66D"]"#, #"["\u005C"]"#, #"["\u0022"]"#, #"["\u200B"]"#, #"["\u2064"]"#,
        #"["\uDBFF\uDFFE"]"#, #"["\uD83F\uDFFE"]"#, #"["\uFDD0"]"#, #"["\uFFFE"]"#, #"["\uaBcD"]"#,
        "[\"asd \"]", "[\" \"]", "[\"π\"]", "[\"€𝄞\"]", "[\"\u{2028}\u{2029}\"]", "[\"\u{7F}\"]", "[\"a\u{7F}a\"]",
        "[\"⍂㈴⍂\"]", "[\"\u{10FFFF}\"]", "[\"\u{FFFF}\"]", "[\"\u{1BFFF}\"]", "[\"日本語 text\"]", "{\"é\":\"é\"}",
        "[\"0123456\"]", "[\"01234567\"]", "[\"012345678\"]", #"["0123456\n"]"#, #"["01234567\n"]"#,
        #"["012345678\n9"]"#,
    ]

    private static let acceptedBytes: [Bytes] = [
        // The first and last sequence of each length.
        quoted([0xC2, 0x80]), quoted([0xDF, 0xBF]), quoted([0xE0, 0xA0, 0x80]), quoted([0xEF, 0xBF, 0xBF]),
        quoted([0xED, 0x9F, 0xBF]), quoted([0xEE, 0x80, 0x80]), quoted([0xF0, 0x90, 0x80, 0x80]),
        quoted([0xF4, 0x8F, 0xBF, 0xBF]), quoted([0x7F]),
        // A byte order mark inside a string is a character.
        quoted([0xEF, 0xBB, 0xBF]),
    ]

    private static let refusedTexts: [String] = [
        // Nothing, or nothing whole.
        "", " ", "\n", "\u{FEFF}", "\u{FEFF}{}", "\u{2060}", "\u{A0}1", "[\u{C}]", "[\u{B}1]", "\u{C}[]", "[\u{2003}]",
        "[", "]", "{", "}", ",", ":", "\"", "[[", "[[]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "[1", "[1,",
        "[\"a",
        "[\"a\"", "[\"", "{\"", "[{", "{[", "[{}", #"["asd]"#, #"{"asd":"asd""#, "[\"a\",\n4\n,1", "[\"a\",\n4\n,1,",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", #"[{"":[{"":[{"":[{"":"#,
        // Arrays.
        "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[,]", "[1,]",
        "[   , \"\"]",
        "[1:2]", "[3[4]]", "[1,\n1\n,1", "[1,}", "[}", "[x]", "[*]", "[1}", "[a", "[][]", "[]x", "[1],", "[1]]", "[-",
        "[\"a\" \"b\"]", "[1;2]", "[<null>]", "[1 000.0]", "[1/*x*/]", "[1]//x", "[1]#", "/**/[]", "[1],[2]",
        "[undefined]",
        // Objects.
        #"{"x", null}"#, #"{"x"::"b"}"#, "{🇨🇭}", #"{"a":"a" 123}"#, "{key: 'value'}", #"{"a" b}"#, "{:\"b\"}",
        #"{"a" "b"}"#, #"{"a":"#, #"{"a"}"#, "{1:1}", "{9999E9999:1}", "{null:null,null:null}", #"{"id":0,,,,,}"#,
        "{'a':0}",
        #"{"id":0,}"#, #"{"a":"b"}/**/"#, #"{"a":"b"}/**//"#, #"{"a":"b"}//"#, #"{"a":"b"}/"#, #"{"a":"b",,"c":"d"}"#,
        #"{a: "b"}"#, #"{"a":"a"#, #"{ "foo" : "bar", "a" }"#, #"{"a":"b"}#"#, "{,}", "{\"a\":1 \"b\":2}",
        "{\"a\":1,,}",
        "{,\"a\":1}", "{\"a\":}", "{\"a\":,}", "{}}", "{]", "{\"a\":1]", "{\"a\",\"b\"}", "{true:1}", "{[]:1}",
        "{\"a\" 1}",
        "{}{}", "{\"a\":1}{", "{\"a\":/*c*/1}", "{ \"a\" : 1 , }", "{\"a\":1;\"b\":2}", "{\"a\"=1}",
        // Words.
        "[nul]", "[nulll]", "[tru]", "[truee]", "[fals]", "[True]", "[FALSE]", "[NULL]", "[nil]", "[none]", "[ture]",
        "[n",
        "nul", "tru", "fals", "t", "truth", "nullx", "true false", "[NaN]", "[Inf]", "[Infinity]", "[-Infinity]",
        "[-NaN]",
        "NaN", "Infinity", "[inf]", "[nan]", "nULL", "é",
        // Numbers.
        "[01]", "[-01]", "[00]", "[-00]", "[012]", "[-012]", "[00.5]", "[+1]", "[++1234]", "[+Inf]", "[- 1]", "[-]",
        "-", "+1",
        "[--1]", "[-+1]", "[1.]", "[.1]", "[.5]", "[-.5]", "[-1.]", "[.]", "[.-1]", "[.2e-3]", "[1.e1]", "[0.e1]",
        "[2.e3]",
        "[2.e-3]", "[2.e+3]", "[0e]", "[0E]", "[0e+]", "[0E+]", "[0e-]", "[1e]", "[1e+]", "[1e-]", "[1.0e]", "[1.0e+]",
        "[1.0e-]",
        "[1eE2]", "[1e1e1]", "[1e1.5]", "[0.1.2]", "[1..2]", "[1.2.3]", "[0x1]", "[0x42]", "[0x]", "[1_000]",
        "[1,000.]", "[1 2]",
        "[1a]", "[123a]", "[1ea]", "[1+2]", "[1-2]", "[-1x]", "[-foo]", "[-2.]", "[1.2a-3]",
        "[1.8011670033376514H-308]", "[1e1\u{A0}]",
        "[１]", "[-１]", "[0.3e+]", "[0.3e]", "[9.e+]", "[1e0e]", "[-e1]", "[e1]", "[1f]", "[1d]", "[0b1]", "[0o7]", "1.",
        ".1", "1e", "-.",
        // Strings.
        "['single']", "[\"\t\"]", "[\"\n\"]", "[\"\r\"]", "[\"a\u{0}a\"]", "[\"\u{1F}\"]", "[\"\u{1}\"]", "\u{0}",
        "[1\u{0}]", "[]\u{0}",
        "[\"a\u{8}b\"]", "{\"a\nb\":1}", "[\"0123456\n\"]", "[\"01234567\n\"]", "[\"0123456789abcde\u{0}\"]",
        #"["\"#, #"["\""#, #"["\\\"]"#, #"["\x00"]"#, #"["\a"]"#, #"["\'"]"#, #"["\0"]"#, #"["\v"]"#, #"["\U0041"]"#,
        #"["\🌀"]"#, #"["\ "]"#,
        "[\"\\\u{0}\"]", "[\"\\\t\"]", "[\"\\\n\"]", #"["\u"]"#, #"["\u0"]"#, #"["\u00"]"#, #"["\u004"]"#,
        #"["\u00A"]"#, #"["\uqqqq"]"#,
        #"["\u00G0"]"#, #"["\u 041"]"#, #"["\u+041"]"#, #"["\u-041"]"#, #"["\u{41}"]"#, #"["\u0x41"]"#, #"[\n]"#,
        #"[\u0020"asd"]"#, #"["\u"#, #"["\u00"#,
        // Half a surrogate pair, in each position and order.
        #"["\ud800"]"#, #"["\udc00"]"#, #"["\uDADA"]"#, #"["\uDFAA"]"#, #"["\ud800abc"]"#, #"["\ud800\n"]"#,
        #"["\ud800\u0041"]"#,
        #"["\ud800\ud800"]"#, #"["\udc00\ud800"]"#, #"["\ud800\ud800\udc00"]"#, #"["\uD888\u1234"]"#, #"["\ud800\"]"#,
        #"["\ud800\u"]"#,
        #"["\uD800\u1"]"#, #"["\uD800\u1x"]"#, #"["\uD800\uD800\n"]"#, #"["\uDd1e\uD834"]"#, #"["\ud800\udc0"]"#,
        #"["\ud800\\udc00"]"#, #"{"\ud800":1}"#,
        // Other notations.
        "<.>", "<null>", "[<null>]", "abc", "asd\"", "\"a\"b", "\"a\" \"b\"", "'a'", "`a`", "123\u{0}", "0 1", "00",
        "a: b", "- 1",
    ]

    private static let refusedBytes: [Bytes] = [
        // Stray continuation bytes, and beginnings without continuation.
        quoted([0x80]), quoted([0xBF]), quoted([0xC3]), quoted([0xE2, 0x82]), quoted([0xF0, 0x9F, 0x98]),
        quoted([0xC3, 0x28]),
        quoted([0xE2, 0x28, 0xA1]), quoted([0xE2, 0x82, 0x28]), quoted([0xF0, 0x28, 0x8C, 0xBC]),
        quoted([0xF0, 0x90, 0x28, 0xBC]),
        quoted([0xF0, 0x28, 0x8C, 0x28]), quoted([0x61, 0xE5, 0x61]), quoted([0xE5]), quoted([0xFF]), quoted([0xFE]),
        quoted([0xE9]),
        // Overlong forms.
        quoted([0xC0, 0x80]), quoted([0xC0, 0xAF]), quoted([0xC1, 0xBF]), quoted([0xE0, 0x80, 0xAF]),
        quoted([0xE0, 0x9F, 0xBF]),
        quoted([0xF0, 0x80, 0x80, 0xAF]), quoted([0xF0, 0x8F, 0xBF, 0xBF]), quoted([0xF8, 0x80, 0x80, 0x80, 0xAF]),
        quoted([0xFC, 0x80, 0x80, 0x80, 0x80, 0xAF]), quoted([0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF]),
        // Surrogates, and beyond the last code point.
        quoted([0xED, 0xA0, 0x80]), quoted([0xED, 0xBF, 0xBF]), quoted([0xED, 0xA0, 0x81, 0xED, 0xB0, 0x80]),
        quoted([0xF4, 0x90, 0x80, 0x80]), quoted([0xF5, 0x80, 0x80, 0x80]), quoted([0xF4, 0xBF, 0xBF, 0xBF]),
        quoted([0xFB, 0xBF, 0xBF, 0xBF, 0xBF]),
        // After eight plain bytes, where the words are, and after an escape.
        quoted(Array("01234567".utf8) + [0xC0, 0x80]), quoted(Array("0123456789".utf8) + [0xFF]),
        quoted(Array(#"\u00e9"#.utf8) + [0xE9]),
        quoted(Array(#"\"#.utf8) + [0xE5]), quoted(Array(#"\u"#.utf8) + [0xE5]), quoted([0x5C, 0xC3, 0xA9]),
        // In names.
        Bytes(Array("{\"".utf8) + [0xB9] + Array("\":\"0\",}".utf8)),
        Bytes(Array("{\"".utf8) + [0xC0, 0x80] + Array("\":1}".utf8)),
        // Outside strings: other encodings, byte order marks, junk.
        Bytes([0xEF, 0xBB, 0xBF, 0x31]), Bytes([0xEF, 0xBB]), Bytes([0xFE, 0xFF, 0x00, 0x31]),
        Bytes([0xFF, 0xFE, 0x31, 0x00]), Bytes([0x31, 0x00]),
        Bytes([0x5B, 0x00, 0x22, 0x00, 0xE9, 0x00, 0x22, 0x00, 0x5D, 0x00]), Bytes([0x5B, 0xE5]),
        Bytes([0x5B, 0xE5, 0x5D]), Bytes([0x5B, 0xFF, 0x5D]), Bytes([0xC3, 0xA5]),
        Bytes(Array("[1e1".utf8) + [0xE5, 0x5D]), Bytes(Array("[0".utf8) + [0xE5, 0x5D, 0x0A]),
        Bytes(Array("[123".utf8) + [0xE5, 0x5D]), Bytes(Array("[-123.123".utf8) + [0xE5, 0x5D]),
        Bytes(Array("[a".utf8) + [0xE5, 0x5D]), Bytes(Array("[1,".utf8) + [0xE5, 0x5D]),
        Bytes(Array("{\"0\":0}".utf8) + [0xE2]), Bytes(Array("[t".utf8) + [0xC3, 0xA9, 0x5D]),
    ]
}
