"""Functions that are found in pg_catalog without naming it, or that are words of SQL itself."""

from __future__ import annotations

BUILT_IN_FUNCTIONS = frozenset(
    """
    abbrev abs acldefault aclexplode acos acosd acosh age array_agg array_dims array_fill array_length array_lower
    array_ndims array_position array_positions array_remove array_replace array_reverse array_sample array_shuffle
    array_sort array_to_json array_to_string array_to_tsvector array_upper ascii asin asind asinh atan atan2 atan2d
    atand atanh avg bit_count bit_length bool_and bool_or brin_desummarize_range brin_summarize_new_values
    brin_summarize_range broadcast btrim cardinality cast cbrt ceil ceiling char_length character_length chr
    clock_timestamp coalesce col_description concat concat_ws convert convert_from convert_to cos cosd cosh cot cotd
    count current_database current_query current_schema current_schemas current_setting currval cursor_to_xml
    cursor_to_xmlschema database_to_xml database_to_xml_and_xmlschema database_to_xmlschema date_add date_bin
    date_part date_subtract date_trunc datemultirange daterange decode degrees div encode enum_first enum_last
    enum_range erf erfc every exp extract factorial floor format format_type gamma gcd gen_random_uuid
    generate_series generate_subscripts get_bit get_byte get_current_ts_config getdatabaseencoding
    gin_clean_pending_list greatest has_any_column_privilege has_column_privilege has_database_privilege
    has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege has_largeobject_privilege
    has_parameter_privilege has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege
    has_tablespace_privilege has_type_privilege host hostmask icu_unicode_version inet_client_addr inet_client_port
    inet_server_addr inet_server_port initcap int4multirange int4range int8multirange int8range is_normalized
    isempty isfinite json_agg json_array_elements json_array_elements_text json_array_length json_build_array
    json_build_object json_each json_each_text json_exists json_object json_object_keys json_populate_record
    json_populate_recordset json_query json_strip_nulls json_table json_to_record json_to_recordset json_to_tsvector
    json_typeof json_value jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length
    jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_insert jsonb_object jsonb_object_keys
    jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query
    jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz
    jsonb_path_query_tz jsonb_populate_record jsonb_populate_record_valid jsonb_populate_recordset jsonb_pretty
    jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_to_tsvector jsonb_typeof
    justify_days justify_hours justify_interval lastval lcm least left length lgamma ln lo_close lo_creat lo_create
    lo_export lo_from_bytea lo_get lo_import lo_lseek lo_open lo_put lo_tell lo_truncate lo_unlink log log10 loread
    lower lower_inc lower_inf lowrite lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz
    masklen max md5 min min_scale mod multirange mxid_age netmask network nextval normalize now nullif num_nonnulls
    num_nulls nummultirange numnode numrange obj_description octet_length oidvectortypes overlaps overlay
    parse_ident phraseto_tsquery pi plainto_tsquery position pow power query_to_xml query_to_xml_and_xmlschema
    query_to_xmlschema quote_ident quote_literal quote_nullable radians random random_normal range_merge
    regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
    regexp_split_to_table regexp_substr repeat replace reverse right round row row_security_active row_to_json rows
    rpad rtrim scale schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema set_bit set_byte set_config
    set_masklen setseed setval setweight sha224 sha256 sha384 sha512 shobj_description sign sin sind sinh split_part
    sqrt statement_timestamp string_agg string_to_array string_to_table strip strpos substr substring sum
    table_to_xml table_to_xml_and_xmlschema table_to_xmlschema tan tand tanh timeofday timezone to_ascii to_bin
    to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass to_regcollation to_regnamespace to_regoper
    to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod to_timestamp to_tsquery
    to_tsvector transaction_timestamp translate trim_array trim_scale trunc ts_debug ts_delete ts_filter ts_headline
    ts_lexize ts_parse ts_rank ts_rank_cd ts_stat ts_token_type tsmultirange tsrange tstzmultirange tstzrange
    tsvector_to_array txid_current txid_current_if_assigned txid_current_snapshot txid_snapshot_xip
    txid_snapshot_xmax txid_snapshot_xmin txid_status txid_visible_in_snapshot unicode_assigned unicode_version
    unistr unnest upper upper_inc upper_inf uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 values version
    websearch_to_tsquery width_bucket xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document
    xmlcomment xmlexists xmltable xmltext xmlvalidate xpath xpath_exists
    """.split()
)
"""Those of pg_proc in 18.4 that a query can call and that don't begin with ``pg_``, but no support functions."""


def is_built_in(name: str) -> bool:
    """Whether PostgreSQL has a table, view or function of that name which needs no schema."""
    return name.startswith("pg_") or name in BUILT_IN_FUNCTIONS
