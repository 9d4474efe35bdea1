-- What a user finds in \d, \df and the views: every object is explained, and the options are listed.

-- every object of the extension has a comment; the types and sequences of its tables and views go with them
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
 WHERE e.extname = 'rec' AND d.deptype = 'e' AND d.classid <> 'pg_type'::regclass
   AND NOT EXISTS (SELECT FROM pg_description c WHERE c.classoid = d.classid AND c.objoid = d.objid AND c.objsubid = 0 AND c.description <> '')
 ORDER BY 1;
-- the schema was made for the extension, and has one too
SELECT obj_description('rec'::regnamespace, 'pg_namespace') <> '' AS schema, obj_description(oid, 'pg_extension') <> '' AS extension FROM pg_extension
    WHERE extname = 'rec';

-- all there is
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) COLLATE "C" AS object
  FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
 WHERE e.extname = 'rec' AND d.deptype = 'e' AND d.classid <> 'pg_type'::regclass
 ORDER BY 1;

-- no function depends on the caller's search_path: those in SQL were parsed when they were created
SELECT DISTINCT lanname, prosqlbody IS NOT NULL AS parsed FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE pronamespace = 'rec'::regnamespace
    ORDER BY 1;
-- nothing is anybody's to write but the owner's
SELECT relname, relacl FROM pg_class, aclexplode(relacl) AS a WHERE relnamespace = 'rec'::regnamespace AND a.grantee = 0 AND privilege_type <> 'SELECT';

-- every option, with its default and range: the one place where a test depends on the defaults
SELECT algorithm, option, type, "default", minimum, maximum FROM rec.algorithms;
SELECT option, description FROM rec.algorithms WHERE algorithm = 'als';
