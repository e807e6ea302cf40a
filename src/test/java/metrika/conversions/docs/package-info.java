/** Tests of the project's pages, and the generators of those that are made from files. */
package metrika.conversions.docs;
